/** A close code and the reason phrase that goes with it. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

type CloseName =
  | "normal"
  | "shuttingDown"
  | "binaryFrame"
  | "heartbeatMissed"
  | "slowReader"
  | "tooManyMessages"
  | "serverFull"
  | "logUnavailable"
  | "sessionsUnavailable"
  | "invalidFrames"
  | "tooManyConnections"
  | "sessionUnknown"
  | "sessionRevoked"
  | "sessionExpired"
  | "proofExpired"
  | "cursorRefused";

/**
 * Why a socket ends. The number alone tells a client whether to come back: 4000 to 4499 do, 4500 to
 * 4999 don't (RFC 6455 leaves 4000 to 4999 to applications). One row each in docs/close-codes.md.
 */
export const CLOSE: Readonly<Record<CloseName, CloseReason>> = Object.freeze({
  normal: because(1000, "bye"),
  shuttingDown: because(1001, "the server shuts down"),
  binaryFrame: because(1003, "binary frames are not understood"),
  heartbeatMissed: because(4001, "heartbeat missed"),
  slowReader: because(4002, "reads too slowly"),
  tooManyMessages: because(4003, "too many messages a second"),
  serverFull: because(4004, "the server is full"),
  logUnavailable: because(4005, "the event log is unavailable"),
  sessionsUnavailable: because(4006, "the session store is unavailable"),
  invalidFrames: because(4500, "too many invalid frames"),
  tooManyConnections: because(4510, "too many connections of this user"),
  sessionUnknown: because(4511, "session unknown"),
  sessionRevoked: because(4512, "session revoked"),
  sessionExpired: because(4513, "session expired"),
  proofExpired: because(4514, "token expired"),
  cursorRefused: because(4515, "cursor refused"),
});

function because(code: number, reason: string): CloseReason {
  return Object.freeze({ code, reason });
}
