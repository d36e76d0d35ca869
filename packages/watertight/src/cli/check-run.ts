import { CanaryBook } from "../canary.ts";
import type { Report } from "../report.ts";
import { createIdentities, createVisitors, type UserIdentity } from "../simulate/simulated-user.ts";
import { Bench, type BenchOptions, type FreshTarget } from "../suite/bench.ts";
import type { Category } from "../suite/check.ts";
import { measureMetrics, routingMatrix } from "../suite/metrics.ts";
import { runSuite, worst } from "../suite/run-suite.ts";
import { HeapWitness } from "../suite/heap-witness.ts";
import { createProbeServer, type ProbeServer } from "../target/probe/probe-server.ts";
import type { TargetProcess } from "../target/target-process.ts";
import { gapsOf, notCovered } from "./not-covered.ts";
import { againOf, headOf, type Plan } from "./plan.ts";
import { startTarget } from "./start-target.ts";
import { tell } from "./tell.ts";

/** Category 4 needs users who have never been there. */
const VISITORS = 240;

/** A check of a target that lives. */
export interface CheckRun {
  readonly plan: Plan;
  readonly categories: readonly Category[];
  readonly target: TargetProcess;
  readonly probe: ProbeServer;
  readonly signal: AbortSignal;
}

/** Makes the checks and tells how they go; when `signal` is aborted, it rejects. */
export async function runChecks(run: CheckRun): Promise<Report> {
  const { plan, target, categories, probe, signal } = run;
  const { config, seed, users, request } = plan;
  const startedAt = new Date();
  const book = new CanaryBook();
  const identities = createIdentities(users, book);
  const visitors = createVisitors({ first: users, count: VISITORS }, book);
  const everybody = [...identities, ...visitors];
  let current = "";
  const bench = new Bench({
    config,
    target,
    witness: new HeapWitness({ probe, book, identities: everybody, keep: config.keep }),
    book,
    identities,
    visitors,
    seed,
    signal,
    onProgress: (step) => tell({ type: "event", event: { type: "step", id: current, step } }),
    ...startingAfresh(plan, book, identities),
  });
  const results = await runSuite(bench, {
    categories,
    replay: (id) => againOf(plan, [id]),
    folder: request.folder,
    onEvent: (event) => {
      if (event.type === "check-started") current = event.id;
      tell({ type: "event", event });
    },
  });
  return reportOn(bench, { ...headOf(plan, target.command, startedAt), categories: results }, plan);
}

async function reportOn(
  bench: Bench,
  made: ReturnType<typeof headOf> & Pick<Report, "categories">,
  { config, request, users }: Plan,
): Promise<Report> {
  const only = request.only.length > 0 ? request.only : config.only;
  return {
    ...made,
    verdict: worst(made.categories.map(({ verdict }) => verdict)),
    metrics: await measureMetrics(bench),
    performance: bench.performance ?? null,
    memory: bench.memory ?? null,
    matrix: routingMatrix(bench.totals, users),
    notCovered: notCovered(config, await gapsOf(bench, only)),
  };
}

/** A server with an address of its own can't run twice. */
function startingAfresh(
  { config }: Plan,
  book: CanaryBook,
  identities: readonly UserIdentity[],
): Partial<BenchOptions> {
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
