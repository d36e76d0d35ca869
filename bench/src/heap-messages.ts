/** The ways to read a snapshot that are compared: to its shared places, or to a census of one class. */
export type Reader = "watertight" | "watertight census" | "memlab";

export const READERS: readonly Reader[] = Object.freeze([
  "watertight",
  "watertight census",
  "memlab",
]);

/** How many users' secrets are in each snapshot. */
export const USERS = 20;

/** The class of which a census is taken, and the variables that hold every user's secret. */
export const CLASS_NAME = "SocketManager";
export const SHARED_PLACES: readonly string[] = Object.freeze([
  "SocketManager.#instance",
  "lastSeen",
  "sessions",
]);

/** What one reading of one snapshot took. */
export interface Reading {
  readonly nodes: number;
  readonly edges: number;
  /** Until the graph could be asked. */
  readonly loadSeconds: number;
  /** Until the answer was there. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  /** What was found: names of shared variables, or, of memlab, how many secrets have a way to a root. */
  readonly found: readonly string[];
}

/** The secret of a user, as the suite would recognise it. */
export function secretOf(user: number): string {
  return `wtcanary${String(user).padStart(24, "0")}`;
}

/** Whose secret it is. */
export function ownerOf(secret: string): string {
  return `user-${Number(secret.slice(-24))}`;
}
