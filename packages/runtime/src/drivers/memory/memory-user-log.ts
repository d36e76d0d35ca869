import type {
  LoggedRun,
  LogRecord,
  NewRecord,
  PageSize,
  Retention,
  Sharing,
} from "../../event-log/event-log.ts";
import type { LogClock } from "../log-clock.ts";
import { fencedError, trimmedError } from "../log-errors.ts";
import { createEpoch, keepUnwrittenMs } from "../log-options.ts";
import { RunTable } from "../run-table.ts";
import { Writers } from "./writers.ts";

/** What a record takes besides its frame, roughly. */
const OVERHEAD_BYTES = 256;
/** So many trimmed entries may lie in front before they are cut off. */
const SLACK = 1024;

interface Entry {
  readonly threadId: string;
  readonly runId: string;
  readonly frame: string;
  readonly bytes: number;
  readonly time: number;
}

/** What all logs share: a number and two rules. Nothing in it leads from one log to another. */
export interface SharedBounds {
  readonly retention: Readonly<Required<Retention>>;
  readonly clock: LogClock;
  /** How many bytes one log may take, with all that comes with its records. */
  readonly share: () => number;
}

/** The records and runs of one user, and who may write them. */
export class MemoryUserLog {
  readonly epoch: string = createEpoch();
  /** The handles that may write it. */
  readonly writers: Writers = new Writers();
  /** Why nobody can use it any more, once nobody can. */
  gone: (() => Error) | undefined;
  readonly #bounds: SharedBounds;
  #runs = new RunTable();
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;
  #last = 0;
  /** When somebody last came or left. */
  #usedAt: number;

  constructor(bounds: SharedBounds) {
    this.#bounds = bounds;
    this.#usedAt = bounds.clock.read();
  }

  /** Nobody has it open, nothing is kept, and nobody comes back to it any more. */
  get isForgettable(): boolean {
    if (this.size > 0 || this.writers.size > 0) return false;
    const { clock, retention } = this.#bounds;
    return this.#last > 0 || clock.read() - this.#usedAt > keepUnwrittenMs(retention);
  }

  /** A handle takes the writer's place, or its part of it. */
  enter(writer: object, sharing: Sharing): void {
    this.#usedAt = this.#bounds.clock.read();
    this.writers.enter(writer, sharing, this.#runs.list());
  }

  /** A handle that was closed lets go. */
  leave(writer: object): void {
    if (this.writers.leave(writer)) this.#usedAt = this.#bounds.clock.read();
  }

  get first(): number {
    return this.#last - this.size + 1;
  }

  get last(): number {
    return this.#last;
  }

  /** How many records are kept. */
  get size(): number {
    return this.#entries.length - this.#head;
  }

  append(records: readonly NewRecord[], writer: object): number {
    this.#runs.check(records);
    if (records.some(({ runId }) => this.writers.isElsewhere(runId, writer))) throw fencedError();
    const time = this.#bounds.clock.read();
    const firstSeq = this.#last + 1;
    for (const record of records) {
      const { threadId, runId, frame } = record;
      const bytes = Buffer.byteLength(frame);
      this.#entries.push({ threadId, runId, frame, bytes, time });
      this.#bytes += bytes;
      this.#last += 1;
      this.#runs.note(record, this.#last);
      this.writers.note(record, writer);
    }
    this.trim();
    return firstSeq;
  }

  read(after: number, { maxRecords, maxBytes }: PageSize): readonly LogRecord[] {
    const { first } = this;
    if (after < first - 1) throw trimmedError(after, first);
    const page: LogRecord[] = [];
    let bytes = 0;
    for (let seq = after + 1; seq <= this.#last && page.length < maxRecords; seq += 1) {
      const entry = this.#entries[this.#head + seq - first];
      if (entry === undefined) break;
      bytes += entry.bytes;
      if (page.length > 0 && bytes > maxBytes) break;
      const { threadId, runId, frame } = entry;
      page.push({ seq, threadId, runId, frame });
    }
    return page;
  }

  runs(reader: object): readonly LoggedRun[] {
    const runs = this.#runs.list();
    return runs.map((run) =>
      this.writers.isElsewhere(run.runId, reader) ? Object.freeze({ ...run, isHeld: true }) : run,
    );
  }

  /** Trims what is over the retention or the share; only age takes the newest record. */
  trim(): void {
    const { retention, clock, share } = this.#bounds;
    const oldest = clock.read() - retention.maxAgeMs;
    const room = share();
    const { first } = this;
    for (let entry = this.#entries[this.#head]; entry !== undefined;) {
      if (entry.time >= oldest && !this.#isOver(room)) break;
      this.#bytes -= entry.bytes;
      this.#head += 1;
      entry = this.#entries[this.#head];
    }
    if (this.first > first) this.#runs.trim(this.first);
    this.#cut();
  }

  /** Lets go of everything and everybody; `reason` is what a handle is told from now on. */
  forget(reason: () => Error): void {
    this.writers.clear();
    this.gone = reason;
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#runs = new RunTable();
  }

  #isOver(room: number): boolean {
    const { size } = this;
    const { maxRecords, maxBytes } = this.#bounds.retention;
    if (size <= 1) return false;
    return (
      size > maxRecords || this.#bytes > maxBytes || this.#bytes + size * OVERHEAD_BYTES > room
    );
  }

  /** Frees the trimmed entries: seldom, as it moves all others, and at the latest when half are. */
  #cut(): void {
    if (this.#head < SLACK && this.#head < this.#entries.length) return;
    if (this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
