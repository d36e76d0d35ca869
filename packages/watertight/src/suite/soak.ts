import { ToolError } from "../errors.ts";
import { LatencyRecorder } from "../detectors/statistics/latency-recorder.ts";
import { toFindings } from "./findings.ts";
import { isLeak } from "./round.ts";
import { WindowBooks } from "./soak-book.ts";
import { judgeMemory, judgeWindows, type SoakContext, verdictOver } from "./soak-judgement.ts";
import { countResources, LEAST_WINDOWS, type MemoryJudgement, SoakMemory } from "./soak-memory.ts";
import type { SoakEnding, SoakResult, SoakWindow } from "./soak-report.ts";
import { SoakTotals } from "./soak-totals.ts";
import {
  crashOf,
  endingOf,
  type PlayedWindow,
  playWindow,
  type WindowSetting,
} from "./soak-window.ts";
import type { Needs, Witness } from "./witness.ts";

export interface SoakOptions extends WindowSetting {
  readonly forMs: number;
  /** Of the first window; each later one has the next. */
  readonly seed: number;
  /** Called after each window with what was seen so far. */
  readonly onWindow: (window: SoakWindow, soFar: SoakResult) => void;
}

const SEEDS = 4_294_967_296;
/** A look into the process takes time and memory there; more of them say nothing new. */
const MAX_LOOKS = 3;
const MEMORY_UNJUDGED: Readonly<Record<Exclude<SoakEnding, "time">, string>> = Object.freeze({
  interrupted: "The soak was interrupted before anybody looked at what users who left leave behind",
  crash: "The server ended before anybody could look at what users who left leave behind",
});

/**
 * Plays everything at once against a target that lives on, window after window, and judges what each
 * of them shows, and what only time does: memory. However long it takes, it keeps no more than a few
 * windows' worth of anything.
 */
export class Soak {
  readonly totals: SoakTotals = new SoakTotals();
  readonly #options: SoakOptions;
  readonly #memory: SoakMemory;
  readonly #books = new WindowBooks();
  readonly #startedAt = performance.now();
  #windows = 0;
  #looks = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#memory = new SoakMemory(options.config);
  }

  /**
   * Plays windows until the time is over and memory can be judged, the target dies, or the signal is
   * aborted; what was seen so far is the result of each.
   */
  async run(): Promise<SoakResult> {
    let last: Witness | undefined;
    while (this.#goesOn()) {
      const { witness, ending } = await this.#play();
      if (ending !== undefined) return this.#end(ending);
      last = witness;
    }
    const { aborted } = this.#options.signal;
    return aborted ? this.#end("interrupted") : this.#end("time", last);
  }

  #goesOn(): boolean {
    if (this.#options.signal.aborted) return false;
    return this.#elapsedMs < this.#options.forMs || this.#windows < LEAST_WINDOWS;
  }

  get #elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  async #play(): Promise<Pick<PlayedWindow, "witness" | "ending">> {
    this.#windows += 1;
    const number = this.#windows;
    const seed = this.#seedOf(number);
    const looksInside = this.#looks < MAX_LOOKS;
    const plan = { number, seed, book: this.#books.next(), looksInside };
    const played = await playWindow(plan, this.#options);
    const leaked = played.findings.some((found) => isLeak(found) || found.kind === "swap");
    if (looksInside && leaked) this.#noteLook();
    this.totals.add(number, played);
    if (played.ending !== undefined) return played;
    const { needs, ending } = await this.#measure(number, played.witness);
    const window = this.#describe(number, played, needs);
    this.totals.windows.add(window);
    if (ending === undefined) this.#options.onWindow(window, this.#result([], null));
    return { witness: played.witness, ending };
  }

  #noteLook(): void {
    this.#looks += 1;
    this.#memory.startAgain();
  }

  /** A process that does not answer may be gone; one that is there has told nothing, once. */
  async #measure(
    number: number,
    witness: Witness,
  ): Promise<{ readonly needs?: Needs | undefined; readonly ending?: SoakEnding }> {
    const { users, target, signal } = this.#options;
    try {
      return { needs: await this.#memory.measure(witness, users, this.#elapsedMs) };
    } catch (error) {
      const ending = await endingOf(target, signal);
      if (ending !== undefined) return { ending };
      if (!ToolError.is(error)) throw error;
      this.totals.gaps.add(`Memory after window ${number}: ${error.message}`);
      return {};
    }
  }

  #describe(number: number, played: PlayedWindow, needs: Needs | undefined): SoakWindow {
    const latency = new LatencyRecorder();
    for (const ms of played.durationsMs) latency.record(ms);
    return {
      number,
      seed: this.#seedOf(number),
      verdict: played.verdict,
      endedAtMs: this.#elapsedMs,
      events: played.events,
      findings: played.findings.length,
      latency: latency.percentiles(),
      memoryBytes: needs?.bytes ?? null,
      resources: needs === undefined ? {} : countResources(needs),
      suiteBytes: process.memoryUsage.rss(),
    };
  }

  async #end(ending: SoakEnding, witness?: Witness): Promise<SoakResult> {
    if (ending === "crash") this.#noteCrash();
    const memory = await this.#judgeMemory(ending, witness);
    if (memory === "crash") return this.#end("crash");
    const category = judgeMemory(this.totals, memory, this.#context);
    return this.#result([category], ending);
  }

  /** The last look takes a while: the target may die of it, too. */
  async #judgeMemory(
    ending: SoakEnding,
    witness: Witness | undefined,
  ): Promise<MemoryJudgement | "crash"> {
    const nothing = { observations: [], shown: "" };
    if (ending !== "time") return { ...nothing, inconclusive: MEMORY_UNJUDGED[ending] };
    if (witness === undefined) return { ...nothing, inconclusive: "No window was played" };
    try {
      return await this.#memory.judge(witness);
    } catch (error) {
      const { target, signal } = this.#options;
      if ((await endingOf(target, signal)) === "crash") return "crash";
      // Hours of windows are not to be lost by the last look, whatever went wrong with it.
      return { ...nothing, inconclusive: `What is left could not be looked for: ${String(error)}` };
    }
  }

  #noteCrash(): void {
    const { target, replay, folder } = this.#options;
    const seen = crashOf(target, this.#seedOf(this.#windows), this.#elapsedMs);
    this.totals.findings.add(this.#windows, toFindings([seen], { check: "7.1", replay, folder }));
  }

  #result(others: SoakResult["categories"], ending: SoakEnding | null): SoakResult {
    const { totals } = this;
    const { forMs, windowMs, users } = this.#options;
    const categories = [...others, judgeWindows(totals, this.#context)];
    return {
      verdict: verdictOver(categories),
      categories,
      metrics: totals.metrics,
      performance: null,
      memory: this.#memory.memory,
      matrix: totals.matrix(users),
      soak: {
        forMs,
        windowMs,
        played: totals.played,
        windows: totals.windows.items,
        latency: totals.latency,
        perHour: this.#memory.perHour,
        ending,
      },
    };
  }

  get #context(): SoakContext {
    const { users, seed, windowMs, replay, folder } = this.#options;
    return { users, seed, windowMs, durationMs: this.#elapsedMs, replay, folder };
  }

  #seedOf(number: number): number {
    return (this.#options.seed + number - 1) % SEEDS;
  }
}
