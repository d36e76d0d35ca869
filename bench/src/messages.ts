/** The servers that are compared; the first is what the others are measured by. */
export type Contender = "naive ws" | "runtime";

export const CONTENDERS: readonly [Contender, Contender] = Object.freeze(["naive ws", "runtime"]);

/** What a server process is asked by its parent. */
export type Question = { readonly ask: "cpu" };

/** What it says: where it listens, then how much processor time it has used, in microseconds. */
export type Answer = { readonly port: number } | { readonly cpuMicros: number };

/** How many events a user gets for each question. */
export const EVENTS_PER_USER = 200;

/** An event is about 200 bytes with thread, run and number. */
export const DELTA: string = "and the water stays where it belongs ".repeat(2);
