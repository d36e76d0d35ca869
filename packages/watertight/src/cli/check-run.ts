import { CanaryBook } from "../canary.ts";
import type { IsolationTestResult, Report } from "../report.ts";
import { createIdentities, createVisitors, type UserIdentity } from "../simulate/simulated-user.ts";
import { Bench, type BenchOptions, type FreshTarget } from "../suite/bench.ts";
import type { Category } from "../suite/check.ts";
import { measureMetrics, routingMatrix } from "../suite/metrics.ts";
import { LogWitness, type LogWitnessOptions } from "../suite/log-witness.ts";
import { Outbound } from "../suite/outbound.ts";
import { runSuite, worst } from "../suite/run-suite.ts";
import type { Sinks } from "../sinks/sinks.ts";
import type { Places } from "../target/fill-in.ts";
import { createProbeServer, type ProbeServer } from "../target/probe/probe-server.ts";
import { BrokenOff, reportSoFar } from "./broken-off.ts";
import { createWitness } from "./create-witness.ts";
import { gapsOf, notCovered } from "./not-covered.ts";
import { againOf, headOf, type Plan } from "./plan.ts";
import { type StartedTarget, startTarget } from "./start-target.ts";
import { tell } from "./tell.ts";

/** Category 4 needs users who have never been there. */
const VISITORS = 240;

/** A check of a target that lives. */
export interface CheckRun {
  readonly plan: Plan;
  readonly categories: readonly Category[];
  readonly target: StartedTarget;
  readonly probe: ProbeServer;
  /** Addresses of what runs beside it. */
  readonly places: Places;
  readonly sinks: Sinks;
  readonly signal: AbortSignal;
}

/**
 * Makes the checks and tells how they go; when `signal` is aborted, it rejects. Throws BrokenOff, with a
 * report of what was seen until then, if it can't go on.
 */
export async function runChecks(run: CheckRun): Promise<Report> {
  const { plan, target, categories, signal } = run;
  const startedAt = new Date();
  const book = new CanaryBook();
  const identities = createIdentities(plan.users, book);
  const made: IsolationTestResult[] = [];
  let current = "";
  let pattern = "";
  const logs = watchLogs(run, {
    book,
    nameOf: (user) => identities[user]?.name ?? "a visitor",
    place: () => ({
      check: current,
      pattern: { name: pattern, seed: plan.seed },
      replay: againOf(plan, current === "" ? [] : [current]),
    }),
  });
  const bench = createBench(run, {
    book,
    identities,
    logs,
    onStep: (step) => {
      pattern = step;
      tell({ type: "event", event: { type: "step", id: current, step } });
    },
  });
  try {
    const results = await runSuite(bench, {
      categories,
      replay: (id) => againOf(plan, [id]),
      folder: plan.request.folder,
      onEvent: (event) => {
        if (event.type === "check-started") current = event.id;
        if (event.type === "check-ended" || event.type === "check-broken") made.push(event.result);
        if (!signal.aborted) tell({ type: "event", event });
      },
    });
    const lost = await target.lost?.();
    if (lost !== undefined) throw lost;
    noteGaps(bench, run);
    const head = { ...headOf(plan, target.command, startedAt), ...exposedIn(logs) };
    return await reportOn(bench, { ...head, categories: results }, run);
  } catch (error) {
    if (signal.aborted) throw error;
    noteGaps(bench, run);
    const head = { ...headOf(plan, target.command, startedAt), ...exposedIn(logs) };
    const { complaints } = target;
    const only = onlyOf(plan);
    const remains = { bench, head, only, complaints, categories, made, error };
    throw new BrokenOff(reportSoFar(remains), error);
  }
}

interface Staff {
  readonly book: CanaryBook;
  readonly identities: readonly UserIdentity[];
  readonly logs: LogWitness | undefined;
  readonly onStep: (step: string) => void;
}

/** Looks through what the target prints from now on, if the config wants it and it can be seen. */
function watchLogs(
  { plan: { config }, target }: CheckRun,
  options: Omit<LogWitnessOptions, "share">,
): LogWitness | undefined {
  if (!config.scansLogs || config.target.kind === "url") return undefined;
  const logs = new LogWitness({ ...options, share: config.share });
  logs.watch((listener) => target.onPrint?.(listener));
  return logs;
}

function exposedIn(logs: LogWitness | undefined): Pick<Report, "exposed"> {
  return logs === undefined ? {} : { exposed: logs.findings };
}

function noteGaps({ gaps }: Bench, { sinks }: CheckRun): void {
  for (const gap of sinks.gaps) gaps.add(gap);
}

function createBench(run: CheckRun, { book, identities, logs, onStep }: Staff): Bench {
  const { plan, target, probe, sinks, signal } = run;
  const { config, seed, users } = plan;
  const visitors = createVisitors({ first: users, count: VISITORS }, book);
  const everybody = [...identities, ...visitors];
  return new Bench({
    config,
    target,
    witness: createWitness(config, { probe, book, identities: everybody }),
    book,
    identities,
    visitors,
    seed,
    signal,
    onProgress: onStep,
    outbound: new Outbound(sinks),
    ...startingAfresh(run, { book, identities, logs }),
  });
}

async function reportOn(
  bench: Bench,
  made: ReturnType<typeof headOf> & Pick<Report, "categories" | "exposed">,
  { plan, target }: CheckRun,
): Promise<Report> {
  const { config, users } = plan;
  const hasShape = config.agents === undefined || (await bench.solo()).shape !== undefined;
  const { complaints } = target;
  return {
    ...made,
    verdict: worst(made.categories.map(({ verdict }) => verdict)),
    metrics: await measureMetrics(bench),
    performance: bench.performance ?? null,
    memory: bench.memory ?? null,
    matrix: routingMatrix(bench.totals, users),
    notCovered: notCovered(config, gapsOf(bench, { only: onlyOf(plan), hasShape, complaints })),
  };
}

function onlyOf({ config, request }: Plan): readonly string[] {
  return request.only.length > 0 ? request.only : config.only;
}

/** A server with an address of its own can't run twice, and one that somebody else has started not at all. */
function startingAfresh(
  { plan: { config }, places, sinks }: CheckRun,
  { book, identities, logs }: Omit<Staff, "onStep">,
): Partial<BenchOptions> {
  if (config.target.kind !== "components" && config.target.url !== undefined) return {};
  const startAfresh = async (
    environment: Readonly<Record<string, string>>,
  ): Promise<FreshTarget> => {
    const probe = await createProbeServer({ existingNodeOptions: process.env["NODE_OPTIONS"] });
    const close = async (): Promise<void> => probe[Symbol.asyncDispose]();
    try {
      const live = await startTarget({
        config,
        environment: { ...process.env, ...sinks.env, ...probe.env, ...environment },
        places,
        onStarted: (pid) => tell({ type: "target-started", pid }),
      });
      logs?.watch((listener) => live.onPrint?.(listener));
      return {
        live,
        witness: createWitness(config, { probe, book, identities }),
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
