import { inSteps, type ResolvedAgents, type ResolvedConfig } from "../config/resolve-config.ts";
import { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import { createNeedles } from "../detectors/needles.ts";
import { ToolError } from "../errors.ts";
import type { Holder, PatternRef } from "../finding.ts";
import { createRandom, hash, type Random } from "../internal/random.ts";
import { lockstep, type Pattern } from "../patterns/pattern.ts";
import type { Observation } from "../observation.ts";
import type { Received } from "../received.ts";
import type { Memory, Performance } from "../report.ts";
import { ConcurrentUserSimulator, type Outcome } from "../simulate/concurrent-user-simulator.ts";
import type { UserIdentity } from "../simulate/simulated-user.ts";
import { SharedLines } from "../simulate/shared-lines.ts";
import { lastOutput } from "../target/last-output.ts";
import { leaveInTurns } from "./leave-in-turns.ts";
import type { BenchOptions, FreshTarget, RoundOptions } from "./bench-options.ts";
import type { Judge, RoundResult } from "./round.ts";
import { addRounds, isLeak, judgeRound, RoundLedger, type SuiteObservation } from "./round.ts";
import { measureSolo, type SoloBaseline } from "./solo-baseline.ts";
import { createBlindWitness, type Witness } from "./witness.ts";

export type { BenchOptions, FreshTarget, LiveTarget, RoundOptions } from "./bench-options.ts";

const QUIET_MS = 300;
const MAX_NOISE_MS = 10_000;
const MAX_HOLDERS = 4;
/** Thousands who come in one tick wait for each other at the door: a listener takes a few hundred at once. */
const PATIENCE_PER_USER_MS = 3;

/** The workplace of the checks: plays rounds against the target, judges them, and keeps the totals. */
export class Bench {
  readonly config: ResolvedConfig;
  readonly identities: readonly UserIdentity[];
  readonly witness: Witness;
  readonly seed: number;
  readonly totals: RoundResult[] = [];
  /** What could not be looked at, a sentence each. */
  readonly gaps: Set<string> = new Set();
  readonly #options: BenchOptions;
  readonly #simulator: ConcurrentUserSimulator;
  readonly #judge: Judge;
  readonly #shared = new Map<string, Promise<unknown>>();
  readonly #loadedMs: number[] = [];
  #prefix = "r";
  #trials = 0;
  readonly #startedAt: number;
  #heldIn: readonly Holder[] = [];
  #rounds = 0;
  #visited = 0;
  #memoryBytes: number | undefined;
  #performance: Performance | undefined;
  #memory: Memory | undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.#startedAt = options.startedAt ?? performance.now();
    this.config = options.config;
    this.identities = options.identities;
    this.witness = options.witness;
    this.seed = options.seed;
    const { agents, patienceMs } = this.config;
    const everybody = [...options.identities, ...(options.visitors ?? [])];
    this.#simulator = new ConcurrentUserSimulator({
      baseUrl: options.target.baseUrl,
      book: options.book,
      signIn: options.config.signIn,
      timeoutMs: Math.max(30_000, 10 * patienceMs),
      stallMs:
        Math.max(patienceMs, (agents?.deathWithinMs ?? 0) + 1000) +
        options.identities.length * PATIENCE_PER_USER_MS,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    this.#judge = {
      book: options.book,
      needles: createNeedles(),
      nameOf: (user) => everybody[user]?.name ?? `user ${user}`,
      share: options.config.share,
    };
  }

  /** A check begins: its leaks are explained by what the process holds from now on. */
  beginCheck(): void {
    this.#heldIn = [];
  }

  /** The conversation of an agent back end; only checks that need agents ask for it. */
  get agents(): ResolvedAgents {
    if (this.config.agents === undefined) throw new TypeError("Expected `agents` in the config");
    return this.config.agents;
  }

  /**
   * Plays one round to its end, waits until everything is quiet, judges every byte that anybody
   * received, lets the users leave, one half after the other, and judges what their going made others
   * receive. Throws WT_TARGET_CRASHED if the target died meanwhile, and the
   * signal's reason if it was aborted.
   */
  async play(options: RoundOptions): Promise<RoundResult> {
    const { pattern, identities = this.identities, quietMs = QUIET_MS } = options;
    this.#options.signal?.throwIfAborted();
    this.#rounds += 1;
    const name = `${this.#prefix}${this.#rounds}`;
    this.#options.onProgress(pattern.name);
    const capture = new WebSocketEventCapture();
    options.onBegin?.(capture);
    this.#options.outbound?.begin(capture);
    const ledger = new RoundLedger();
    const random = this.#randomFor(pattern);
    const { mishapOf, sharesLines = false } = pattern;
    const lines = sharesLines ? new SharedLines(this.#options.target.baseUrl) : undefined;
    const plan = {
      name,
      equalNames: pattern.equalNames,
      isAnonymous: options.isAnonymous ?? false,
      seed: this.#options.seed,
      ...(mishapOf === undefined
        ? {}
        : { mishapOf: ({ number }: UserIdentity, request: number) => mishapOf(number, request) }),
      ...(lines === undefined ? {} : { lineOf: (user: UserIdentity) => lines.of(user) }),
      identities,
      schedule: (tasks: Parameters<Pattern["schedule"]>[0]) => pattern.schedule(tasks, random),
      recorder: capture,
    };
    const outcomes = await this.#simulator.play(plan, (user) => options.task(user, ledger));
    await capture.quiet({ quietMs, maxMs: MAX_NOISE_MS });
    this.#options.signal?.throwIfAborted();
    await this.#assertAlive(() => {
      // What had arrived by then is known all the same; that more did not is no wonder.
      const judged = this.#judgeRound(ledger.afterwards(), capture.received);
      const observations = this.#seenIn(pattern, judged);
      this.totals.push({ pattern: pattern.name, ...judged, observations, outcomes });
    });
    const failed = failedIn(identities, outcomes);
    const judged = this.#judgeRound(ledger, capture.received, failed);
    const observations = await this.#withHolders(judged.observations, options);
    await options.beforeLeaving?.();
    await leaveInTurns(outcomes, capture);
    lines?.close();
    const rest = this.#judgeRound(ledger.afterwards(), capture.received.slice(judged.events));
    const goodbyes = this.#seenIn(pattern, rest);
    const result = {
      pattern: pattern.name,
      ...addRounds(judged, rest),
      observations: [...observations, ...goodbyes],
      outcomes,
      // Who does not sign in is refused, and should be.
      ...(options.isAnonymous === true ? { refusals: [] } : {}),
    };
    this.totals.push(result);
    if (pattern === lockstep) this.#loadedMs.push(...judged.durationsMs);
    return result;
  }

  /** Each time that a pattern comes again, it has another order and other pauses. */
  #randomFor({ name }: Pattern): Random {
    const times = this.totals.filter(({ pattern }) => pattern === name).length;
    const words = this.config.passes === 1 || times === 0 ? name : `${name} ${times}`;
    return createRandom(this.#options.seed ^ hash(words));
  }

  /** Five runs of a lone user, one after another: what an answer looks like, and how long it takes. */
  solo(): Promise<SoloBaseline> {
    return this.once("solo", () => measureSolo(this));
  }

  /** Does some preparatory work the first time it is asked for; several checks may need it. */
  once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(name) as Promise<T> | undefined;
    const result = known ?? work();
    this.#shared.set(name, result);
    return result;
  }

  /** The next users who have never been there, as far as there are so many. */
  takeVisitors(count: number): readonly UserIdentity[] {
    const visitors = this.#options.visitors?.slice(this.#visited, this.#visited + count) ?? [];
    this.#visited += visitors.length;
    return visitors;
  }

  /** Says whether the target can be started once more beside the one that runs. */
  get canStartAfresh(): boolean {
    return this.#options.startAfresh !== undefined;
  }

  /**
   * Starts the target once more, in a process of its own with `environment`, lets `work` play rounds
   * against it, and stops it. What a lone user gets is known from the target that runs already.
   */
  async afresh<T>(
    {
      environment,
      seed,
      changes = {},
    }: {
      readonly environment: Readonly<Record<string, string>>;
      readonly seed: number;
      readonly changes?: Partial<BenchOptions>;
    },
    work: (bench: Bench, fresh: FreshTarget) => Promise<T>,
  ): Promise<T> {
    if (this.#options.startAfresh === undefined)
      throw new TypeError("Expected a target that starts");
    const solo = this.solo();
    await solo;
    const fresh = await this.#options.startAfresh(environment);
    const { live, witness } = fresh;
    const bench = new Bench({
      ...this.#options,
      startedAt: this.#startedAt,
      target: live,
      witness,
      seed,
      ...changes,
    });
    bench.#shared.set("solo", solo);
    this.#trials += 1;
    const { target } = this.config;
    const isShared = target.kind === "command" && target.beside.length > 0;
    // What runs beside the target remembers the names of every trial.
    if (isShared) bench.#prefix = `t${this.#trials}-r`;
    try {
      return await work(bench, fresh);
    } finally {
      this.totals.push(...bench.totals);
      await fresh.stop();
    }
  }

  /**
   * Lets `work` play once more with fewer users and steps: in a fresh process if the target can be started
   * again, else with names of their own in the one that runs. Nobody looks into the process meanwhile.
   */
  async again<T>(
    { identities, steps }: Pick<BenchOptions, "identities"> & { readonly steps: readonly number[] },
    work: (bench: Bench) => Promise<T>,
  ): Promise<T> {
    const kept = this.config.steps.filter((_, place) => steps.includes(place));
    const config = { ...this.config, scenario: inSteps(kept), steps: kept };
    const witness = createBlindWitness("A replay looks at bytes only.");
    const changes = { config, identities, witness };
    if (this.canStartAfresh)
      return this.afresh({ environment: {}, seed: this.seed, changes }, work);
    this.#trials += 1;
    const bench = new Bench({ ...this.#options, ...changes });
    bench.#prefix = `t${this.#trials}-r`;
    return work(bench);
  }

  /** Notes how much more memory the target used with everybody connected than before. */
  reportMemory(bytes: number): void {
    this.#memoryBytes = bytes;
  }

  /** Notes what category 6 measured of time. */
  reportPerformance(performance: Performance): void {
    this.#performance = performance;
  }

  /** Notes what categories 4 and 6 measured of memory; what is not given stays as it was. */
  reportTrends(memory: Partial<Memory>): void {
    const nothing = { connected: [], perUser: null, afterLeaving: [], perUserLeft: null };
    this.#memory = { ...nothing, ...this.#memory, ...memory };
  }

  get performance(): Performance | undefined {
    return this.#performance;
  }

  get memory(): Memory | undefined {
    return this.#memory;
  }

  /** How long answers took with all users asking in the same tick. */
  get loadedMs(): readonly number[] {
    return this.#loadedMs;
  }

  get memoryBytes(): number | undefined {
    return this.#memoryBytes;
  }

  /** Variables of the target that hold data of several users now, what routes events first. */
  async sharedPlaces(): Promise<readonly Holder[]> {
    return this.#routersFirst(await this.witness.holders());
  }

  /** What users received, and what went elsewhere meanwhile. */
  #judgeRound(
    ledger: RoundLedger,
    received: readonly Received[],
    failed?: ReadonlySet<number>,
  ): ReturnType<typeof judgeRound> {
    this.#options.outbound?.judge(ledger, this.#judge);
    return judgeRound(ledger, received, this.#judge, failed);
  }

  /** Reads what the target's process holds; used once for the first leak of a check. */
  async #withHolders(
    observations: readonly Observation[],
    { pattern, looksInside = true }: RoundOptions,
  ): Promise<readonly SuiteObservation[]> {
    const seenAtMs = Math.round(performance.now() - this.#startedAt);
    const isLeaking = observations.some(isLeak);
    const heldIn = isLeaking && looksInside ? await this.#placesOfCheck() : [];
    const ref = refOf(pattern, this.seed);
    return observations.map((observation) => ({
      ...observation,
      pattern: ref,
      seenAtMs,
      ...(isLeak(observation) ? { heldIn } : {}),
    }));
  }

  /** A look takes seconds and the server stands still: the leaks of a check share the first that shows a place. */
  async #placesOfCheck(): Promise<readonly Holder[]> {
    if (this.#heldIn.length === 0) this.#heldIn = await this.sharedPlaces();
    return this.#heldIn;
  }

  /** What routes events explains a leak better than what only counts runs. */
  #routersFirst(holders: readonly Holder[]): readonly Holder[] {
    const { bridge, manager } = this.config.classes;
    const routes = ({ path }: Holder): boolean => path.includes(bridge) || path.includes(manager);
    const others = holders.filter((holder) => !routes(holder));
    return [...holders.filter(routes), ...others].slice(0, MAX_HOLDERS);
  }

  /** Throws WT_TARGET_CRASHED, after `before`, if there is no target any more. */
  async #assertAlive(before: () => void): Promise<void> {
    const { target } = this.#options;
    const { death, output } = target;
    const lost = death === undefined ? await target.lost?.() : crashOf(death, output);
    if (lost === undefined) return;
    before();
    throw lost;
  }

  #seenIn(
    pattern: Pattern,
    { observations }: { readonly observations: readonly Observation[] },
  ): readonly SuiteObservation[] {
    return observations.map((seen) => ({ ...seen, pattern: refOf(pattern, this.seed) }));
  }
}

function crashOf(death: string, output: string): ToolError {
  return new ToolError(
    "WT_TARGET_CRASHED",
    `Expected the target to live until the last check, but it ended with ${death} in the middle of a round. Fix the crash first: nothing can be said of a dead server.${lastOutput(output)}`,
  );
}

function refOf({ name }: Pattern, seed: number): PatternRef {
  return { name, seed };
}

/** Users who ran into an error, or whose turn never came. */
function failedIn(
  identities: readonly UserIdentity[],
  outcomes: readonly Outcome[],
): ReadonlySet<number> {
  const done = outcomes.filter(({ error }) => error === undefined).map(({ user }) => user.number);
  return new Set(identities.map(({ number }) => number).filter((number) => !done.includes(number)));
}
