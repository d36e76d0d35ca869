import { createRandom, hash } from "../../internal/random.ts";

/** The variable by which a target learns that it is to be delayed. */
export const DELAYS_VARIABLE = "WATERTIGHT_DELAYS";

/** How a target is delayed; the same settings delay the same visits of the same places. */
export interface DelaySettings {
  readonly seed: number;
  /** How likely a place waits at a visit, 0 to 1. */
  readonly probability: number;
  /** The longest wait, in milliseconds. */
  readonly maxMs: number;
}

/** What a target was delayed by, and what could not be. */
export interface DelayCoverage {
  /** Files of the application in which every await can wait. */
  readonly files: number;
  /** Files that could not be prepared and run as they are. */
  readonly failed: readonly string[];
}

/** Puts settings into a target's environment. */
export function delayEnvironment(settings: DelaySettings): Readonly<Record<string, string>> {
  return { [DELAYS_VARIABLE]: JSON.stringify(settings) };
}

/**
 * Decides how long a place waits. The decision is a hash of seed, place and the number of the visit,
 * so it does not depend on the order in which other places are visited.
 */
export class Delayer {
  readonly #settings: DelaySettings;
  readonly #visits = new Map<string, number>();

  constructor(settings: DelaySettings) {
    this.#settings = settings;
  }

  /** Milliseconds to wait at this visit of `place`; 0 for none. */
  pause(place: string): number {
    const { seed, probability, maxMs } = this.#settings;
    const visit = (this.#visits.get(place) ?? 0) + 1;
    this.#visits.set(place, visit);
    const random = createRandom(hash(`${seed} ${place} ${visit}`));
    return random.next() < probability ? 1 + random.next() * (maxMs - 1) : 0;
  }
}
