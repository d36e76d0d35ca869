/** How long a thing lives: with the process, a user on this node, a sign-in, a socket, or a run. */
export type Lifetime = "app" | "user" | "session" | "connection" | "run";

/**
 * Which lifetimes lie within each, itself included: they alone may hold what lives that long. What
 * belongs to a run is nothing for a connection, nor the other way round.
 */
export interface Within {
  readonly app: Lifetime;
  readonly user: "user" | "session" | "connection" | "run";
  readonly session: "session" | "connection" | "run";
  readonly connection: "connection";
  readonly run: "run";
}

const CHILDREN: Readonly<Record<Lifetime, readonly Lifetime[]>> = Object.freeze({
  app: Object.freeze(["user"] as const),
  user: Object.freeze(["session"] as const),
  session: Object.freeze(["connection", "run"] as const),
  connection: Object.freeze([]),
  run: Object.freeze([]),
});
const DEPTH: Readonly<Record<Lifetime, number>> = Object.freeze({
  app: 0,
  user: 1,
  session: 2,
  connection: 3,
  run: 3,
});

/** All five, longest first. */
export const LIFETIMES: readonly Lifetime[] = Object.freeze(Object.keys(DEPTH) as Lifetime[]);

/** The lifetimes that may be directly inside one. */
export function childrenOf(lifetime: Lifetime): readonly Lifetime[] {
  return CHILDREN[lifetime];
}

/** Says whether what lives as long as `holder` may hold what lives as long as `held`. */
export function mayHold(holder: Lifetime, held: Lifetime): boolean {
  return holder === held || DEPTH[held] < DEPTH[holder];
}
