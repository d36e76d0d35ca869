import type {
  LoggedRun,
  LogRecord,
  NewRecord,
  PageSize,
  Retention,
} from "../../event-log/event-log.ts";
import { trimmedError } from "../log-errors.ts";
import { RunTable } from "../run-table.ts";
import { type Chunk, encodeChunk } from "./chunk.ts";
import type { LmdbStore, StoredLog } from "./lmdb-store.ts";

/** The oldest chunk of which something is kept, without its frames. */
interface Front {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly time: number;
  readonly bytesBefore: number;
  readonly bytes: readonly number[];
}

/** Where a log begins and ends: numbers of records, and the bytes before its first and after its last. */
interface Extent {
  first: number;
  last: number;
  bytesBefore: number;
  bytesAfter: number;
}

interface SizedRecord {
  readonly record: LogRecord;
  readonly size: number;
}

/** How a log is trimmed: to what, and what time it is. */
export interface TrimRule {
  readonly retention: Readonly<Required<Retention>>;
  readonly time: number;
}

/**
 * What is at hand of one user's log while somebody has it open. Methods that write are called within
 * a transaction; what they changed is shown to readers by `publish()`, once it is committed, or taken
 * back by `load()`. It holds no store: what one user has must not lead to what all have.
 */
export class LmdbUserLog {
  readonly key: Buffer;
  /** The handle that was opened last, if it is not closed. */
  writer: object | undefined;
  /** Why nobody can use it any more, once nobody can. */
  gone: (() => Error) | undefined;
  #shown: { readonly first: number; readonly last: number } = { first: 1, last: 0 };
  #extent: Extent = { first: 1, last: 0, bytesBefore: 0, bytesAfter: 0 };
  #front: Front | undefined;
  #runs = new RunTable();
  #stored: StoredLog;

  constructor(key: Buffer, stored: StoredLog) {
    this.key = key;
    this.#stored = stored;
  }

  get logId(): number {
    return this.#stored.logId;
  }

  get epoch(): string {
    return this.#stored.epoch;
  }

  get first(): number {
    return this.#shown.first;
  }

  get last(): number {
    return this.#shown.last;
  }

  runs(): readonly LoggedRun[] {
    return this.#runs.list();
  }

  /** Takes over what is stored. */
  load(store: LmdbStore): void {
    this.#stored = store.getLog(this.key) ?? this.#stored;
    const { logId, last } = this.#stored;
    const front = store.chunkFrom(logId, 0);
    const end = store.lastChunk(logId);
    this.#front = front === undefined ? undefined : frontOf(front);
    this.#extent = {
      first: front?.firstSeq ?? last + 1,
      last: end?.lastSeq ?? last,
      bytesBefore: front?.bytesBefore ?? 0,
      bytesAfter: end === undefined ? 0 : end.bytesBefore + end.body.length,
    };
    this.#runs = new RunTable(store.runs(logId));
    this.publish();
  }

  /** Lets readers see what was committed. */
  publish(): void {
    const { first, last } = this.#extent;
    this.#shown = { first, last };
  }

  /** Throws WT_RUN_CONFLICT if the records can't be appended; changes nothing. */
  check(records: readonly NewRecord[]): void {
    this.#runs.check(records);
  }

  /** Writes the records and trims; answers the number of the first. */
  append(store: LmdbStore, records: readonly NewRecord[], rule: TrimRule): number {
    const { logId } = this.#stored;
    const firstSeq = this.#extent.last + 1;
    if (records.length === 0) return firstSeq;
    const { bytesAfter } = this.#extent;
    const { value, bytes } = encodeChunk(records, rule.time, bytesAfter);
    const lastSeq = firstSeq + records.length - 1;
    store.putChunk(logId, lastSeq, value);
    this.#extent.last = lastSeq;
    for (const some of bytes) this.#extent.bytesAfter += some;
    if (this.#extent.first === firstSeq) {
      this.#front = { firstSeq, lastSeq, time: rule.time, bytesBefore: bytesAfter, bytes };
    }
    for (const [index, record] of records.entries()) {
      const run = this.#runs.note(record, firstSeq + index);
      if (run !== undefined) store.putRun(logId, run);
    }
    this.trim(store, rule);
    return firstSeq;
  }

  /** Trims what is over the retention, `maxChunks` at most; answers whether nothing is over it now. */
  trim(store: LmdbStore, { retention, time }: TrimRule, maxChunks: number = Infinity): boolean {
    const { logId } = this.#stored;
    const extent = this.#extent;
    const { first } = extent;
    let chunks = 0;
    for (; chunks < maxChunks && extent.first <= extent.last;) {
      const front = (this.#front ??= frontOf(store.chunkFrom(logId, extent.first)));
      if (front === undefined) throw store.unreadable(`no record ${extent.first}`);
      if (!isOver(extent, front, retention, time)) break;
      const { lastSeq } = front;
      this.#step(front);
      if (extent.first <= lastSeq) continue;
      store.removeChunk(logId, lastSeq);
      chunks += 1;
    }
    if (extent.first === first) return true;
    for (const run of this.#runs.trim(extent.first)) store.removeRun(logId, run);
    if (extent.first > extent.last) this.#noteEmpty(store);
    return chunks < maxChunks;
  }

  /** The records after `after` that may be seen. */
  read(store: LmdbStore, after: number, { maxRecords, maxBytes }: PageSize): readonly LogRecord[] {
    const { first, last } = this.#shown;
    if (after < first - 1) throw trimmedError(after, first);
    const page: LogRecord[] = [];
    if (after >= last) return page;
    let bytes = 0;
    for (const { record, size } of this.#recordsFrom(store, after + 1)) {
      bytes += size;
      const isFull = page.length >= maxRecords || (page.length > 0 && bytes > maxBytes);
      if (isFull || record.seq > last) return page;
      page.push(record);
    }
    if (after + page.length < last)
      throw store.unreadable(`${after + page.length} of ${last} records`);
    return page;
  }

  *#recordsFrom(store: LmdbStore, seq: number): Generator<SizedRecord> {
    let next = seq;
    for (const chunk of store.chunksFrom(this.#stored.logId, seq)) {
      // It was trimmed since we last were told.
      if (chunk.firstSeq > next) throw trimmedError(next - 1, chunk.firstSeq);
      yield* recordsOf(chunk, next);
      next = chunk.lastSeq + 1;
    }
  }

  /** Somebody comes or leaves a log in which nothing was ever written. */
  noteUse(store: LmdbStore, usedAt: number): void {
    this.#stored = { ...this.#stored, usedAt };
    store.putLog(this.key, this.#stored);
  }

  /** Lets the oldest record go. */
  #step(front: Front): void {
    this.#extent.bytesBefore += front.bytes[this.#extent.first - front.firstSeq] ?? 0;
    this.#extent.first += 1;
    if (this.#extent.first > front.lastSeq) this.#front = undefined;
  }

  /** Numbers go on after the last one, though no record is left that says which it was. */
  #noteEmpty(store: LmdbStore): void {
    store.putLog(this.key, { ...this.#stored, last: this.#extent.last });
  }
}

function isOver(
  extent: Extent,
  front: Front,
  { maxRecords, maxBytes, maxAgeMs }: Required<Retention>,
  time: number,
): boolean {
  if (front.time < time - maxAgeMs) return true;
  const size = extent.last - extent.first + 1;
  return size > 1 && (size > maxRecords || extent.bytesAfter - extent.bytesBefore > maxBytes);
}

function frontOf(chunk: Chunk | undefined): Front | undefined {
  if (chunk === undefined) return undefined;
  const { firstSeq, lastSeq, time, bytesBefore, rows } = chunk;
  return { firstSeq, lastSeq, time, bytesBefore, bytes: rows.map(({ bytes }) => bytes) };
}

/** The records of a chunk from number `from` on, one at a time: the page may be full soon. */
function* recordsOf({ firstSeq, rows, body }: Chunk, from: number): Generator<SizedRecord> {
  let at = 0;
  for (const [index, { threadId, runId, bytes }] of rows.entries()) {
    const seq = firstSeq + index;
    if (seq >= from) {
      const frame = body.toString("utf8", at, at + bytes);
      yield { record: { seq, threadId, runId, frame }, size: bytes };
    }
    at += bytes;
  }
}
