export interface SpreadOptions {
  /** Between the middles of two neighbours, at least; less only where they all have no room. */
  readonly gap: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Moves middles of labels apart, as little as needed, and keeps them between two bounds and in
 * their order. Answers in the order in which they were given.
 */
export function spread(wanted: readonly number[], options: SpreadOptions): readonly number[] {
  const { low, high } = options;
  const gap = Math.min(options.gap, (high - low) / Math.max(1, wanted.length - 1));
  const order = wanted.map((_, place) => place);
  order.sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  const placed = wanted.map((at) => Math.min(high, Math.max(low, at)));
  let least = low;
  for (const place of order) {
    placed[place] = Math.max(placed[place] ?? low, least);
    least = (placed[place] ?? low) + gap;
  }
  let most = high;
  for (const place of order.toReversed()) {
    placed[place] = Math.min(placed[place] ?? high, most);
    most = (placed[place] ?? high) - gap;
  }
  return placed;
}
