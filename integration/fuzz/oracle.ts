import { canaryOf } from "../chaos/ledger.ts";
import type { FuzzInput } from "./input.ts";
import type { ServerState } from "./messages.ts";
import type { Answer } from "./player.ts";
import type { Trouble } from "./server-process.ts";

/** Something that must never happen, and the inputs that are to blame, or may be. */
export interface FuzzFinding {
  readonly what: string;
  readonly inputs: readonly FuzzInput[];
}

/** How many there are of what comes and goes. */
export type Tables = Pick<ServerState, "users" | "connections" | "sockets">;

const TABLES: readonly (keyof Tables)[] = Object.freeze(["users", "connections", "sockets"]);

/** So much more heap, in MiB, may be in use when everything is over. */
export const HEAP_GROWTH_MEGABYTES = 16;

/** So many milliseconds of processor time one turn of the server's event loop may take. */
const TURN_MS = 1000;

/** What a server may tell its operator of while it is fed nonsense. */
const EXPECTED: Readonly<Record<string, RegExp>> = Object.freeze({
  // A peer that broke the protocol, or its line.
  socket: /./,
  // A token that was signed for what is no user id.
  authenticate: /^WT_ID_INVALID$/,
  // An operator erased a user who was just doing something.
  "event-log": /^WT_LOG_FENCED$/,
  // An agent that threw.
  agent: /^Error$|^TypeError$|^RangeError$/,
  // An agent that said what can't be said or written.
  sink: /^WT_EVENT_INVALID$|^Error$|^TypeError$|^RangeError$/,
});

/** Says whether the server's operator should have heard of that. */
export function isExpected({ stage, code }: Trouble): boolean {
  return EXPECTED[stage]?.test(code) === true;
}

/** The one user whom operators may export, besides names that nobody has. */
export const EXPORTED = "fuzzer-1";

/** What is wrong with the answer to an input. */
export function judgeAnswer(answer: Answer, seed: string, input: FuzzInput): string | undefined {
  const status = answer.statuses.find((code) => code >= 500 && code !== 503);
  if (status !== undefined) return `was answered with ${status}`;
  const isOperator = input.steps.some(({ bytes }) => bytes.includes("X-Operator"));
  const names = [input.userId, "__proto__", ...(isOperator ? [EXPORTED] : [])];
  const own = names.map((name) => canaryOf(seed, name));
  const foreign = answer.canaries.find((canary) => !own.includes(canary));
  return foreign === undefined ? undefined : `was told ${foreign}, which is another user's`;
}

/** What is still there that should be gone; `before` is what was there before anybody came. */
export function judgeTables(before: Tables, after: Tables): string | undefined {
  for (const table of TABLES) {
    if (after[table] > before[table]) {
      return `${after[table]} ${table} are left of ${before[table]} before`;
    }
  }
  return undefined;
}

/** What is wrong with how long everybody had to wait for one input. */
export function judgeTurns({ longestTurnMs }: ServerState): string | undefined {
  if (longestTurnMs <= TURN_MS) return undefined;
  return `one input kept everybody waiting for ${longestTurnMs.toFixed(0)} ms of processor time`;
}

/** What is wrong with the server's memory. */
export function judgeMemory(before: ServerState, after: ServerState): string | undefined {
  if (after.pollution.length > 0) return `Object.prototype has ${after.pollution.join(", ")}`;
  const growth = after.heapMegabytes - before.heapMegabytes;
  if (growth <= HEAP_GROWTH_MEGABYTES) return undefined;
  return `the heap grew by ${growth.toFixed(1)} MiB, which no collection freed`;
}
