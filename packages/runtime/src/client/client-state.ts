import type { WatertightError } from "../errors.ts";

/** connecting → ready → waiting → connecting …; closed is for good. */
export type ClientState = "connecting" | "ready" | "waiting" | "closed";

/** Why a client is closed: its app, its server, or it gave up by itself. */
export type ClosedCause =
  | { readonly by: "app" }
  /** The server closed the line with a code after which coming back makes no sense. */
  | { readonly by: "server"; readonly code: number }
  | { readonly by: "client"; readonly error: WatertightError };

/** What a client does now. */
export type StateChange =
  | { readonly state: "connecting" | "ready" }
  /** The line ended with this code; the next attempt begins after a pause. */
  | { readonly state: "waiting"; readonly code: number; readonly retryInMs: number }
  | { readonly state: "closed"; readonly cause: ClosedCause };
