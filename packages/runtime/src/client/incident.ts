/** What was wrong with something that came; it was not handed to the app. */
export type IncidentKind =
  /** An event of another user's log, or of another thread than its run is on. */
  | "foreign"
  /** A `ready` for another session than was asked for. */
  | "foreign-session"
  /** An event that had come before. */
  | "duplicate"
  /** An event with others missing before it. */
  | "gap"
  /** An event of a run that has ended. */
  | "after-end"
  /** No JSON, no frame, or a field that is missing or wrong. */
  | "malformed"
  /** A frame of a type that this client does not know. */
  | "unknown-frame"
  /** The server refused the position that this client wanted to go on from. */
  | "position-refused"
  /** The server refused a frame of this client. */
  | "frame-refused";

/** A report of something that was refused: ids and codes, never what it said. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly threadId?: string;
  readonly runId?: string;
  readonly seq?: number;
  /** The server's code, for what the server refused. */
  readonly code?: string;
}

/** Says whether the server is to blame for it, and so to be told. */
export function isMisdelivery({ kind }: Incident): boolean {
  return kind !== "position-refused" && kind !== "frame-refused" && kind !== "unknown-frame";
}
