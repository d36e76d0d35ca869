import type { ClientEvent, ClientEventOf, ClientEventType, EventPlace } from "./client-event.ts";
import type { ClientRun } from "./client-run.ts";
import type { ClientState, ClosedCause } from "./client-state.ts";
import type { RunOptions } from "./run-request.ts";

/**
 * One device of a user: talks to a server of `@watertight/runtime`, comes back when the line is cut,
 * and hands on each event once, in order, and only those that belong to who asked.
 */
export interface Client extends AsyncDisposable {
  readonly state: ClientState;
  /** Of the last event that was handed out; `undefined` before the first connection. */
  readonly position: string | undefined;
  /** The session that this client is in; hand it in as `session` to go on in it. */
  readonly session: string | undefined;
  /** Resolves with why, once the client is closed for good; never rejects. */
  readonly closed: Promise<ClosedCause>;
  /**
   * Starts a run, as soon as there is a line. For a run that this client has open it answers that one.
   * Throws WT_ID_INVALID, WT_OPTION_INVALID, WT_RUN_CONFLICT (the run id is used up), WT_RUN_LIMIT or
   * WT_CLIENT_CLOSED.
   */
  run(options: RunOptions): ClientRun;
  /** Listens to a run that another device started, or this one before; from the next event on. Throws as `run` does. */
  follow(run: Pick<EventPlace, "threadId" | "runId">): ClientRun;
  /** Calls `listener` with every event of a type, `*` for all, of all the user's runs; answers the disposer. */
  on<T extends ClientEventType | "*">(
    type: T,
    listener: (event: ClientEventOf<T>) => void,
  ): () => void;
  /** Every event from now on, of all the user's runs. Throws to who leaves too many unread (WT_READER_BEHIND). */
  events(): AsyncIterableIterator<ClientEvent, undefined>;
  /** Ends the line; the user's runs go on. Idempotent; resolves when nothing is left open. */
  close(): Promise<void>;
}
