import type { Run } from "./run.ts";

/** Where a run stands among the user's own that wait. */
export interface QueuePlace {
  /** 1 is next. */
  readonly position: number;
  readonly of: number;
  /** Why not even the first one gets its turn: the user's tokens are used up. Absent if it does. */
  readonly reason?: "token-budget";
  /** When that is over, in milliseconds from now. */
  readonly resumesInMs?: number;
}

/** So many of those in front are told that they moved up; those behind hear of it when they come so far. */
const MAX_TOLD = 100;

/**
 * Tells the runs of one user that wait where they stand: once when they have come, and when they have
 * moved up, at most once in `everyMs`. What that costs does not grow with the number that wait.
 */
export class QueuePlaces {
  readonly #tell: (run: Run, place: QueuePlace) => void;
  readonly #everyMs: number;
  /** Those that know their place, and which; all came before all that don't. */
  readonly #told = new Map<Run, number>();
  readonly #fresh = new Set<Run>();
  #heldUntil = Number.NEGATIVE_INFINITY;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(tell: (run: Run, place: QueuePlace) => void, everyMs: number) {
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  get size(): number {
    return this.#told.size + this.#fresh.size;
  }

  /** A run has begun to wait. Not told at once: most wait for nothing but this very turn of the loop. */
  add(run: Run): void {
    this.#fresh.add(run);
    this.#soon ??= setImmediate(() => this.#greet());
  }

  /** A run waits no more. */
  remove(run: Run): void {
    if (this.#told.delete(run)) this.#later ??= this.#plan();
    this.#fresh.delete(run);
    if (this.size === 0) this.clear();
  }

  /** Nobody gets a turn for that long; those in front are told so, once. */
  hold(ms: number): void {
    const now = performance.now();
    const isNews = this.#heldUntil <= now;
    this.#heldUntil = now + ms;
    if (isNews) this.#tellThose([...this.#told].slice(0, MAX_TOLD), this.size);
  }

  /** Tells nobody any more. */
  clear(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#soon = undefined;
    this.#later = undefined;
    this.#told.clear();
    this.#fresh.clear();
  }

  #greet(): void {
    this.#soon = undefined;
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    const of = this.#told.size + fresh.length;
    const places = fresh.map((run, index) => [run, of - fresh.length + index + 1] as const);
    for (const [run, position] of places) this.#told.set(run, position);
    this.#tellThose(places, of);
  }

  #plan(): NodeJS.Timeout {
    return setTimeout(() => this.#tellMoved(), this.#everyMs).unref();
  }

  #tellMoved(): void {
    this.#later = undefined;
    const of = this.size;
    let position = 0;
    const moved: [Run, number][] = [];
    for (const [run, before] of this.#told) {
      position += 1;
      if (position > MAX_TOLD) break;
      if (before !== position) moved.push([run, position]);
    }
    for (const [run, now] of moved) this.#told.set(run, now);
    this.#tellThose(moved, of);
  }

  /** Telling one may end another. */
  #tellThose(places: readonly (readonly [Run, number])[], of: number): void {
    const resumesInMs = Math.ceil(this.#heldUntil - performance.now());
    const held = resumesInMs > 0 ? ({ reason: "token-budget", resumesInMs } as const) : {};
    for (const [run, position] of places) {
      if (this.#told.has(run)) this.#tell(run, { position, of, ...held });
    }
  }
}
