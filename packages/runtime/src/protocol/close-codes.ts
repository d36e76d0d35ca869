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
  | "invalidFrames"
  | "tooManyConnections"
  | "sessionUnknown"
  | "sessionRevoked"
  | "sessionExpired";

/**
 * Why a socket ends. The number alone tells a client whether to come back: 4000 to 4499 do, 4500 to
 * 4999 don't (RFC 6455 leaves 4000 to 4999 to applications). One row each in docs/close-codes.md.
 */
export const CLOSE: Readonly<Record<CloseName, CloseReason>> = Object.freeze({
  normal: { code: 1000, reason: "bye" },
  shuttingDown: { code: 1001, reason: "the server shuts down" },
  binaryFrame: { code: 1003, reason: "binary frames are not understood" },
  heartbeatMissed: { code: 4001, reason: "heartbeat missed" },
  slowReader: { code: 4002, reason: "reads too slowly" },
  tooManyMessages: { code: 4003, reason: "too many messages a second" },
  serverFull: { code: 4004, reason: "the server is full" },
  invalidFrames: { code: 4500, reason: "too many invalid frames" },
  tooManyConnections: { code: 4510, reason: "too many connections of this user" },
  sessionUnknown: { code: 4511, reason: "session unknown" },
  sessionRevoked: { code: 4512, reason: "session revoked" },
  sessionExpired: { code: 4513, reason: "session expired" },
});
