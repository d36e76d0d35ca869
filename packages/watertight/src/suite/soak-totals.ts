import { LatencyRecorder } from "../detectors/statistics/latency-recorder.ts";
import type { Metrics, Percentiles, RoutingMatrix } from "../report.ts";
import { SoakFindings } from "./soak-findings.ts";
import { RollingPoints } from "./soak-points.ts";
import type { SoakWindow } from "./soak-report.ts";
import type { PlayedWindow } from "./soak-window.ts";

const MAX_WINDOWS = 120;
/** So many sentences about what was not looked at are kept. */
const MAX_GAPS = 20;

/** What all windows of a soak come to. It grows with none of them. */
export class SoakTotals {
  readonly windows: RollingPoints<SoakWindow> = new RollingPoints(MAX_WINDOWS);
  readonly findings: SoakFindings = new SoakFindings();
  readonly gaps: Set<string> = new Set();
  readonly shared: Set<string> = new Set();
  refusals: { readonly count: number; readonly first: string | undefined } = {
    count: 0,
    first: undefined,
  };
  /** How many windows were played to their end. */
  played = 0;
  events = 0;
  control: PlayedWindow["control"] = { expected: 0, received: 0 };
  /** Why the first window that proved nothing did not, with its number. */
  silence: { readonly number: number; readonly reason: string } | undefined;
  hasShape = true;
  readonly #latency = new LatencyRecorder();
  readonly #solo = new LatencyRecorder();
  #metrics: Metrics = {
    isolation: null,
    routing: null,
    memory: null,
    responseTime: null,
    incidents: null,
  };
  #worst: { readonly foreign: number; readonly matrix: RoutingMatrix } | undefined;

  add(number: number, window: PlayedWindow): void {
    const { findings, control, durationsMs, soloMs, matrix, ending, verdict, reason } = window;
    if (ending === undefined) this.played += 1;
    if (ending === undefined && verdict === "inconclusive") this.silence ??= { number, reason };
    this.events += window.events;
    this.control = {
      expected: this.control.expected + control.expected,
      received: this.control.received + control.received,
    };
    this.findings.add(number, findings);
    for (const ms of durationsMs) this.#latency.record(ms);
    if (soloMs > 0) this.#solo.record(soloMs);
    this.#metrics = addMetrics(this.#metrics, window.metrics);
    this.#keepWorst(matrix);
    this.#note(window);
  }

  get latency(): Percentiles {
    return this.#latency.percentiles();
  }

  get metrics(): Metrics {
    const { count, p50: loadedMs } = this.latency;
    const { p50: soloMs } = this.#solo.percentiles();
    const responseTime = count === 0 || soloMs === 0 ? null : { soloMs, loadedMs };
    return { ...this.#metrics, responseTime };
  }

  /** Of the window in which most frames reached somebody else; of the first if there was none. */
  matrix(users: number): RoutingMatrix {
    return this.#worst?.matrix ?? { users, cells: [] };
  }

  #keepWorst(matrix: RoutingMatrix): void {
    const foreign = matrix.cells.reduce(
      (total, [from, to, frames]) => total + (from === to ? 0 : frames),
      0,
    );
    if (this.#worst === undefined || foreign > this.#worst.foreign)
      this.#worst = { foreign, matrix };
  }

  #note({ gaps, refusals, shared, hasShape }: PlayedWindow): void {
    for (const gap of gaps) if (this.gaps.size < MAX_GAPS) this.gaps.add(gap);
    for (const label of shared) this.shared.add(label);
    const { count, first } = this.refusals;
    this.refusals = { count: count + refusals.length, first: first ?? refusals[0] };
    this.hasShape &&= hasShape;
  }
}

function addMetrics(a: Metrics, b: Metrics): Metrics {
  return {
    ...a,
    isolation: add(a.isolation, b.isolation),
    routing: add(a.routing, b.routing),
    incidents: add(a.incidents, b.incidents),
  };
}

/** Adds number to number; what was not measured adds nothing. */
function add<T extends Readonly<Record<keyof T, number>>>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  const keys = Object.keys(a) as (keyof T)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as T;
}
