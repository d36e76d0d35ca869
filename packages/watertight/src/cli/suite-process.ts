// The process of the simulated users: starts the target, drives it, judges, and tells its parent.
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { CanaryBook } from "../canary.ts";
import { findConfig } from "../config/find-config.ts";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import { ToolError } from "../errors.ts";
import type { Report } from "../report.ts";
import { createIdentities, createVisitors, type UserIdentity } from "../simulate/simulated-user.ts";
import { Bench, type BenchOptions, type FreshTarget } from "../suite/bench.ts";
import { selectChecks } from "../suite/catalogue.ts";
import { measureMetrics, routingMatrix } from "../suite/metrics.ts";
import { runSuite, worst } from "../suite/run-suite.ts";
import { checkInstruments } from "../suite/self-check.ts";
import { HeapWitness } from "../suite/heap-witness.ts";
import type { Witness } from "../suite/witness.ts";
import { loadModule } from "../target/load-module.ts";
import { createProbeServer } from "../target/probe/probe-server.ts";
import type { TargetProcess } from "../target/target-process.ts";
import type { SuiteMessage, SuiteRequest } from "./messages.ts";
import { startTarget } from "./start-target.ts";
import { VERSION } from "./version.ts";

/** Category 4 needs users who have never been there. */
const VISITORS = 240;

/** A request with everything decided. */
interface Plan {
  readonly request: SuiteRequest;
  readonly config: ResolvedConfig;
  readonly users: number;
  readonly seed: number;
}

async function main(request: SuiteRequest, signal: AbortSignal): Promise<void> {
  const config = await findConfig(request.target, request.folder, loadModule);
  const plan: Plan = {
    request,
    config,
    users: request.users ?? config.users,
    seed: request.seed ?? randomInt(1_000_000),
  };
  const categories = selectChecks(request.only.length > 0 ? request.only : config.only);
  tell({ type: "planned", label: request.target, users: plan.users, seed: plan.seed });
  await checkInstruments();
  await using probe = await createProbeServer({ existingNodeOptions: process.env["NODE_OPTIONS"] });
  const target = await startTarget(config, { ...process.env, ...probe.env }, (pid) =>
    tell({ type: "target-started", pid }),
  );
  const stop = (): void => void target.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const book = new CanaryBook();
    const identities = createIdentities(plan.users, book);
    const visitors = createVisitors({ first: plan.users, count: VISITORS }, book);
    const everybody = [...identities, ...visitors];
    const witness = new HeapWitness({ probe, book, identities: everybody, keep: config.keep });
    tell({
      type: "report",
      report: await check({
        plan,
        categories,
        target,
        witness,
        book,
        identities,
        visitors,
        signal,
      }),
    });
  } finally {
    await target.stop();
  }
}

interface Workplace {
  readonly plan: Plan;
  readonly categories: ReturnType<typeof selectChecks>;
  readonly target: TargetProcess;
  readonly witness: Witness;
  readonly book: CanaryBook;
  readonly identities: readonly UserIdentity[];
  readonly visitors: readonly UserIdentity[];
  readonly signal: AbortSignal;
}

async function check(workplace: Workplace): Promise<Report> {
  const { plan, target, categories, witness, book, identities, visitors, signal } = workplace;
  const { config, seed, users, request } = plan;
  const startedAt = new Date();
  let current = "";
  const bench = new Bench({
    config,
    target,
    witness,
    book,
    identities,
    visitors,
    seed,
    signal,
    onProgress: (step) => tell({ type: "event", event: { type: "step", id: current, step } }),
    ...startingAfresh(workplace),
  });
  const again = (only: readonly string[]): string => commandLine(plan, only);
  const results = await runSuite(bench, {
    categories,
    replay: (id) => again([id]),
    folder: request.folder,
    onEvent: (event) => {
      if (event.type === "check-started") current = event.id;
      tell({ type: "event", event });
    },
  });
  return {
    version: 1,
    tool: { name: "watertight", version: VERSION },
    verdict: worst(results.map(({ verdict }) => verdict)),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    target: { kind: config.target.kind, label: labelOf(request), command: target.command },
    users,
    seed,
    again: again(request.only),
    environment: {
      node: process.version,
      platform: process.platform,
      cpus: availableParallelism(),
    },
    categories: results,
    metrics: await measureMetrics(bench),
    performance: bench.performance ?? null,
    memory: bench.memory ?? null,
    matrix: routingMatrix(bench.totals, users),
    notCovered: await notCovered(plan, witness, bench),
  };
}

/** A server with an address of its own can't run twice. */
function startingAfresh({ plan: { config }, book, identities }: Workplace): Partial<BenchOptions> {
  if (config.target.kind === "command" && config.target.url !== undefined) return {};
  const startAfresh = async (
    environment: Readonly<Record<string, string>>,
  ): Promise<FreshTarget> => {
    const probe = await createProbeServer({ existingNodeOptions: process.env["NODE_OPTIONS"] });
    const env = { ...process.env, ...probe.env, ...environment };
    const close = async (): Promise<void> => probe[Symbol.asyncDispose]();
    try {
      const live = await startTarget(config, env, (pid) => tell({ type: "target-started", pid }));
      return {
        live,
        witness: new HeapWitness({ probe, book, identities, keep: config.keep }),
        coverage: async () => probe.processes().at(-1)?.delays(),
        stop: async () => {
          await live.stop();
          await close();
        },
      };
    } catch (error) {
      await close();
      throw error;
    }
  };
  return { startAfresh };
}

function commandLine({ request, users, seed }: Plan, only: readonly string[]): string {
  const word = /\s/.test(request.target) ? `"${request.target}"` : request.target;
  const target = word === "." ? "" : ` ${word}`;
  const checks = only.length === 0 ? "" : ` --only ${only.join(",")}`;
  return `npx watertight check${target}${checks} --seed ${seed} --users ${users}`;
}

/** A report is read elsewhere: there, "." would say nothing. */
function labelOf({ target, folder }: SuiteRequest): string {
  return target === "." ? basename(folder) : target;
}

async function notCovered(
  { config, request }: Plan,
  witness: Witness,
  bench: Bench,
): Promise<string[]> {
  const only = request.only.length > 0 ? request.only : config.only;
  const gaps = only.length === 0 ? [] : [`Only ${only.join(", ")} of the checks were asked for.`];
  gaps.push(
    "What the server sends elsewhere (mail, other servers, logs) was not looked at.",
    "Compressed WebSocket frames were not offered to the server.",
  );
  if (config.agents?.slow === undefined) {
    gaps.push(
      "No slow agent was named: overlaps with a long run, reconnects and cancels were not tried.",
    );
  }
  if (config.agents !== undefined && (await bench.solo()).shape === undefined) {
    gaps.push(
      "A lone user's answers differed from each other: of a run only its numbers and its end were judged, not every event.",
    );
  }
  const refusals = bench.totals.flatMap((round) => round.refusals);
  if (refusals[0] !== undefined) {
    gaps.push(
      `What stands behind HTTP errors: ${refusals.length} requests were answered with one, the first: ${refusals[0]}.`,
    );
  }
  if (witness.blindness !== undefined) gaps.push(witness.blindness);
  gaps.push(...bench.gaps);
  for (const label of config.share) {
    const seen = bench.totals.some(({ shared }) => shared.has(label))
      ? "and seen by others"
      : "never seen by others: remove it from `share`";
    gaps.push(`Declared as shared, ${seen}: ${label}.`);
  }
  return gaps;
}

function tell(message: SuiteMessage): void {
  process.send?.(message);
}

function tellError(error: unknown): void {
  const known = ToolError.is(error);
  const message = error instanceof Error ? error.message : String(error);
  tell({
    type: "error",
    code: known ? error.code : "WT_SUITE_DIED",
    message: known
      ? message
      : `Expected the suite to finish, but it failed: ${(error as Error).stack ?? message}`,
  });
}

const giveUp = new AbortController();
process.once("disconnect", () => giveUp.abort());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => giveUp.abort());
process.once("message", (request: SuiteRequest) => {
  void main(request, giveUp.signal)
    .catch(tellError)
    .finally(() => process.disconnect?.());
});
