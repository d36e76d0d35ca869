import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogRecord } from "../event-log/event-log.ts";
import type { UserStream } from "../event-log/user-stream.ts";
import { WatertightError } from "../errors.ts";
import { withPosition } from "../protocol/position.ts";
import type { Connection } from "./connection.ts";

/** How records become frames of a connection. */
export interface Rendering {
  /** The frame of a record, or `undefined` for one that this connection does not want. */
  readonly render: (record: LogRecord, position: string) => string | undefined;
  /** Called once the record was written, or passed over. */
  readonly onPassed?: (record: LogRecord) => void;
}

/** Why a feed can't go on: the records that come next are gone, or the log can't be read. */
export type FeedLoss = "trimmed" | "unreadable";

const PAGE = Object.freeze({ maxRecords: 256, maxBytes: 256 * 1024 });
const EVERY_EVENT: Rendering = Object.freeze({
  render: ({ frame }: LogRecord, position: string) => withPosition(frame, position),
});

/**
 * Brings one connection everything in its user's log after a given number: no gap, no duplicate, in
 * order. Writes what is new at once; when the connection does not take it fast enough, or begins
 * behind, it reads from the log until it has caught up. The log is the buffer, the socket never is.
 */
export class Feed {
  readonly #stream: UserStream;
  readonly #connection: Connection;
  readonly #rendering: Rendering;
  readonly #onLost: (loss: FeedLoss) => void;
  readonly #unfollow: () => void;
  #sent: number;
  #isCatchingUp = false;

  constructor(stream: UserStream, connection: Connection, options: FeedOptions) {
    this.#stream = stream;
    this.#connection = connection;
    this.#rendering = options.rendering ?? EVERY_EVENT;
    this.#onLost = options.onLost;
    this.#sent = options.after;
    this.#unfollow = stream.follow((records) => this.#offer(records));
    void connection.closed.then(() => this.#unfollow());
    if (this.#sent < stream.last) void this.#catchUp();
  }

  /** The number of the newest record that the connection was given. */
  get sent(): number {
    return this.#sent;
  }

  #offer(records: readonly LogRecord[]): void {
    if (this.#isCatchingUp) return;
    for (const record of records) {
      const isBehind = record.seq > this.#sent + 1;
      if (isBehind || this.#connection.isSlow) return void this.#catchUp();
      if (!this.#give(record)) return;
    }
  }

  async #catchUp(): Promise<void> {
    this.#isCatchingUp = true;
    try {
      while (this.#sent < this.#stream.last) {
        await this.#connection.drained();
        if (this.#connection.state !== "ready") return;
        this.#giveAll(await this.#stream.read(this.#sent, PAGE));
        // A long way back is no reason to keep everybody else waiting.
        await nextTurn();
      }
      this.#isCatchingUp = false;
    } catch (error) {
      this.#unfollow();
      const isTrimmed = WatertightError.is(error) && error.code === "WT_LOG_TRIMMED";
      this.#onLost(isTrimmed ? "trimmed" : "unreadable");
    }
  }

  /** As many as the connection takes. */
  #giveAll(records: readonly LogRecord[]): void {
    for (const record of records) if (this.#connection.isSlow || !this.#give(record)) return;
  }

  #give(record: LogRecord): boolean {
    if (record.seq <= this.#sent) return true;
    const frame = this.#rendering.render(record, this.#stream.cursor(record.seq));
    if (frame !== undefined && !this.#connection.push(frame)) return false;
    this.#sent = record.seq;
    this.#rendering.onPassed?.(record);
    return true;
  }
}

/** Where a feed begins and whom it tells when it can't go on. */
export interface FeedOptions {
  readonly after: number;
  readonly rendering?: Rendering | undefined;
  readonly onLost: (loss: FeedLoss) => void;
}
