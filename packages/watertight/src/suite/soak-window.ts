import type { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import type { CanaryBook } from "../canary.ts";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import { createNeedles } from "../detectors/needles.ts";
import type { Finding, Verdict } from "../finding.ts";
import { wait } from "../internal/wait.ts";
import type { Received } from "../received.ts";
import type { Metrics, RoutingMatrix } from "../report.ts";
import { createIdentities, type UserIdentity } from "../simulate/simulated-user.ts";
import { lastOutput } from "../target/last-output.ts";
import { Bench, type BenchOptions, type LiveTarget, type RoundOptions } from "./bench.ts";
import { category7 } from "./category-7.ts";
import { toFindings } from "./findings.ts";
import { measureMetrics, routingMatrix } from "./metrics.ts";
import type { Outbound } from "./outbound.ts";
import { judgeRound, RoundLedger, type RoundResult, type SuiteObservation } from "./round.ts";
import type { SoakEnding } from "./soak-report.ts";
import { runSuite } from "./run-suite.ts";
import type { Witness } from "./witness.ts";

/** What all windows of a soak have in common. */
export interface WindowSetting {
  readonly config: ResolvedConfig;
  readonly target: LiveTarget;
  /** What the target sends elsewhere. */
  readonly outbound?: Outbound | undefined;
  readonly witnessOf: (book: CanaryBook, identities: readonly UserIdentity[]) => Witness;
  readonly users: number;
  readonly windowMs: number;
  /** The command that repeats the soak. */
  readonly replay: string;
  readonly folder: string;
  /** When aborted, the window is broken off, and what was received so far is judged. */
  readonly signal: AbortSignal;
  readonly onStep: (step: string) => void;
}

/** One window of many. */
export interface WindowPlan {
  readonly number: number;
  readonly seed: number;
  readonly book: CanaryBook;
  /** Whether a leak makes the suite read what the process holds. */
  readonly looksInside: boolean;
}

/** What a window came to; of one that was broken off, only what was received says anything. */
export interface PlayedWindow {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly ending: SoakEnding | undefined;
  readonly findings: readonly Finding[];
  readonly events: number;
  readonly control: { readonly expected: number; readonly received: number };
  readonly durationsMs: readonly number[];
  readonly soloMs: number;
  readonly metrics: Metrics;
  readonly matrix: RoutingMatrix;
  readonly witness: Witness;
  /** What was not looked at. */
  readonly gaps: readonly string[];
  readonly refusals: readonly string[];
  readonly shared: ReadonlySet<string>;
  /** Whether a lone user got the same each time. */
  readonly hasShape: boolean;
}

/** A process that is gone is known to be a moment after its sockets are. */
const DEATH_WITHIN_MS = 1000;
const EVERYTHING = category7.checks.map(({ title }) => title).join(", ");

/**
 * Plays everything at once for the length of a window, with users who have never been there. Rejects
 * with what made the suite fail; that the target dies, or that the signal is aborted, ends the window
 * early instead.
 */
export async function playWindow(plan: WindowPlan, setting: WindowSetting): Promise<PlayedWindow> {
  const { config, target, outbound, users, windowMs, signal, replay, folder } = setting;
  const { book, seed, looksInside } = plan;
  const identities = createIdentities(users, book);
  const witness = setting.witnessOf(book, identities);
  const everything = { seconds: windowMs / 1000, operations: undefined };
  const bench = new WindowBench(
    {
      config: { ...config, everything },
      target,
      outbound,
      witness,
      book,
      identities,
      seed,
      signal,
      onProgress: setting.onStep,
    },
    looksInside,
  );
  try {
    const options = { categories: [category7], replay: () => replay, folder, onEvent: () => {} };
    const [category] = await runSuite(bench, options);
    return await wholeWindow(bench, category?.checks ?? []);
  } catch (error) {
    const ending = await endingOf(target, signal);
    if (ending === undefined) throw error;
    return brokenWindow(bench, ending, { plan, setting });
  }
}

/** How a soak ends now, if it does: by the death of the target, or because nobody wants to know more. */
export async function endingOf(
  target: LiveTarget,
  signal: AbortSignal,
): Promise<SoakEnding | undefined> {
  const deadline = performance.now() + DEATH_WITHIN_MS;
  while (target.death === undefined && !signal.aborted && performance.now() < deadline) {
    await wait(20, signal);
  }
  if (target.death !== undefined) return "crash";
  return signal.aborted ? "interrupted" : undefined;
}

/** The finding that the target died. */
export function crashOf(target: LiveTarget, seed: number, sinceMs: number): SuiteObservation {
  const seconds = Math.round(sinceMs / 1000);
  return {
    kind: "crash",
    tier: "proved",
    title: `The server ended with ${target.death}, ${seconds} s after the soak began,`,
    occurrences: 1,
    expected: `the server to live to the end of the soak.${lastOutput(target.output)}`,
    pattern: { name: EVERYTHING, seed },
  };
}

/** Keeps hold of what arrives, so that a round which is broken off has not been for nothing. */
class WindowBench extends Bench {
  readonly #book: CanaryBook;
  readonly #looksInside: boolean;
  #capture: WebSocketEventCapture | undefined;

  constructor(options: BenchOptions, looksInside: boolean) {
    super(options);
    this.#book = options.book;
    this.#looksInside = looksInside;
  }

  override async play(options: RoundOptions): Promise<RoundResult> {
    const result = await super.play({
      looksInside: this.#looksInside,
      ...options,
      onBegin: (capture) => {
        this.#capture = capture;
        options.onBegin?.(capture);
      },
    });
    this.#capture = undefined;
    return result;
  }

  /** What was received in a round that was broken off; nothing is expected to be there. */
  judgeBroken(): Omit<RoundResult, "outcomes"> {
    const received: readonly Received[] = this.#capture?.received ?? [];
    const judged = judgeRound(new RoundLedger(), received, {
      book: this.#book,
      needles: createNeedles(),
      nameOf: (user) => this.identities[user]?.name ?? `user ${user}`,
      share: this.config.share,
    });
    const pattern = { name: EVERYTHING, seed: this.seed };
    const observations = judged.observations.map((seen) => ({ ...seen, pattern }));
    return { pattern: EVERYTHING, ...judged, observations };
  }
}

type Checks = Awaited<ReturnType<typeof runSuite>>[number]["checks"];

async function wholeWindow(bench: WindowBench, [check]: Checks): Promise<PlayedWindow> {
  if (check === undefined) throw new TypeError("Expected a check in category 7");
  const { verdict, reason, findings, events, control } = check;
  const solo = await bench.solo();
  return {
    verdict,
    reason,
    ending: undefined,
    findings,
    events,
    control,
    durationsMs: bench.totals.flatMap(({ durationsMs }) => durationsMs),
    soloMs: solo.medianMs,
    metrics: await measureMetrics(bench),
    matrix: routingMatrix(bench.totals, bench.identities.length),
    witness: bench.witness,
    gaps: [...bench.gaps],
    refusals: bench.totals.flatMap(({ refusals }) => refusals),
    shared: new Set(bench.totals.flatMap(({ shared }) => [...shared])),
    hasShape: bench.config.agents === undefined || solo.shape !== undefined,
  };
}

function brokenWindow(
  bench: WindowBench,
  ending: SoakEnding,
  { plan, setting }: { readonly plan: WindowPlan; readonly setting: WindowSetting },
): PlayedWindow {
  const judged = bench.judgeBroken();
  const users = bench.identities.length;
  const { events, misrouted, observations, refusals, shared } = judged;
  const mixed = new Set(observations.flatMap(({ from, to }) => [from ?? [], to ?? []].flat()));
  const { replay, folder } = setting;
  return {
    verdict: observations.length > 0 ? "failed" : "inconclusive",
    reason: `Window ${plan.number} was broken off`,
    ending,
    findings: toFindings(observations, { check: "7.1", replay, folder }),
    events,
    control: { expected: 0, received: 0 },
    durationsMs: [],
    soloMs: 0,
    metrics: {
      isolation: events === 0 ? null : { isolatedUsers: users - mixed.size, users },
      routing: events === 0 ? null : { correct: events - misrouted, total: events },
      memory: null,
      responseTime: null,
      incidents: null,
    },
    matrix: routingMatrix([{ ...judged, outcomes: [] }], users),
    witness: bench.witness,
    gaps: [],
    refusals,
    shared,
    hasShape: true,
  };
}
