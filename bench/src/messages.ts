/** The servers that are compared; the first is what the others are measured by. */
export type Contender =
  | "naive ws"
  | "socket.io"
  | "runtime, no log"
  | "runtime, memory log"
  | "runtime, lmdb log";

export const CONTENDERS: readonly [Contender, ...Contender[]] = Object.freeze([
  "naive ws",
  "socket.io",
  "runtime, no log",
  "runtime, memory log",
  "runtime, lmdb log",
]);

/** What a server process is asked by its parent. */
export type Question = { readonly ask: "usage" };

/** What it has used: processor time, in microseconds, and what it holds after a collection, in bytes. */
export interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** What it says: where it listens, then what it has used. */
export type Answer = { readonly port: number } | Usage;

/** How many events a user gets for each question. */
export const EVENTS_PER_USER = 200;

/** An event is about 200 bytes with thread, run and number. */
export const DELTA: string = "and the water stays where it belongs ".repeat(2);
