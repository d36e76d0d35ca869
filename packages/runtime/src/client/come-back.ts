import { CLOSE } from "../protocol/close-codes.ts";

/** What to do when a line has ended. */
export type NextStep =
  | "come-back"
  /** Come back in a new session. */
  | "leave-session"
  /** Come back with what is new. */
  | "forget-position"
  | "stop";

/** Codes of the WebSocket protocol after which the same attempt would end the same way. */
const FINAL: readonly number[] = Object.freeze([1000, 1002, 1003, 1007, 1008, 1009, 1010]);

/** Says, by the code that a line was closed with, whether and how to come back. */
export function stepAfter(code: number, hasBeenReady: boolean): NextStep {
  switch (code) {
    case CLOSE.sessionUnknown.code:
    case CLOSE.sessionRevoked.code:
    case CLOSE.sessionExpired.code:
      return "leave-session";
    case CLOSE.cursorRefused.code:
      return "forget-position";
    case CLOSE.proofExpired.code:
      return "come-back";
    case CLOSE.tooManyConnections.code:
      // The place may be taken by an earlier line of this client that the server still thinks alive.
      return hasBeenReady ? "come-back" : "stop";
    default:
      return code >= 4500 || FINAL.includes(code) ? "stop" : "come-back";
  }
}
