/** A repeatable source of numbers: the same seed gives the same sequence, on every machine. */
export interface Random {
  /** A number of [0, 1). */
  next(): number;
  /** A whole number of [0, limit). */
  below(limit: number): number;
  /** A new array with the same items in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** A number for a text (FNV-1a, 32 bits): the same text gives the same number, on every machine. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** Creates a source for `seed` (mulberry32: 32 bits of state, good enough to vary schedules). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const shuffle = <T>(items: readonly T[]): T[] => {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = below(last + 1);
      [result[last], result[other]] = [result[other] as T, result[last] as T];
    }
    return result;
  };
  return { next, below, shuffle };
}
