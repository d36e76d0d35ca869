import type { FileHandle } from "node:fs/promises";

const ZERO = 48;
const NINE = 57;
const CLOSING_BRACKET = 93;
const BATCH_ROWS = 8192;

type Column = Uint8Array | Uint32Array;

/** Room before each piece for what is kept of the one before: more than any name. */
const HEADROOM_BYTES = 64 * 1024;

/**
 * Hands out a file piece by piece, with one piece in hand and the next one on its way. A piece is
 * overwritten two pieces later: what must last has to be copied.
 */
export class ChunkReader {
  readonly #file: FileHandle;
  #spare: Buffer;
  #coming: Promise<{ readonly bytesRead: number; readonly buffer: Buffer }>;
  chunk: Buffer = Buffer.alloc(0);
  at = 0;

  constructor(file: FileHandle, chunkBytes: number) {
    this.#file = file;
    this.#spare = Buffer.allocUnsafe(HEADROOM_BYTES + chunkBytes);
    this.#coming = this.#read(Buffer.allocUnsafe(HEADROOM_BYTES + chunkBytes));
  }

  /** Takes the next piece in hand, after `kept` of the last one; throws at the end of the file. */
  async next(kept: Buffer = NOTHING): Promise<void> {
    const { bytesRead, buffer } = await this.#coming;
    if (bytesRead === 0) throw new Error("Expected a whole heap snapshot, got one that is cut off");
    const end = HEADROOM_BYTES + bytesRead;
    const start = HEADROOM_BYTES - kept.length;
    if (start < 0) this.chunk = Buffer.concat([kept, buffer.subarray(HEADROOM_BYTES, end)]);
    else {
      kept.copy(buffer, start);
      this.chunk = buffer.subarray(start, end);
    }
    this.at = 0;
    this.#coming = this.#read(this.#spare);
    this.#spare = buffer;
  }

  /** Waits for the piece that is on its way, so that the file may be closed. */
  async settle(): Promise<void> {
    await this.#coming.catch(() => {});
  }

  /** Passes over everything up to and including `mark`; answers it without the mark. */
  async textUntil(mark: string): Promise<string> {
    for (;;) {
      const found = this.chunk.indexOf(mark, this.at);
      if (found !== -1) {
        const text = this.chunk.toString("utf8", this.at, found);
        this.at = found + mark.length;
        return text;
      }
      await this.next(this.chunk.subarray(this.at));
    }
  }

  /** Passes over everything up to and including `mark`, however much it is. */
  async skipTo(mark: string): Promise<void> {
    for (;;) {
      const found = this.chunk.indexOf(mark, this.at);
      if (found !== -1) {
        this.at = found + mark.length;
        return;
      }
      await this.next(this.chunk.subarray(Math.max(this.at, this.chunk.length - mark.length)));
    }
  }

  /**
   * Spreads a flat list of numbers, up to its closing bracket, over columns: one column after the
   * other gets a number. A column that is `undefined` is passed over.
   */
  async rows(columns: readonly (Column | undefined)[]): Promise<void> {
    const list: NumberList = {
      values: new Uint32Array(BATCH_ROWS * columns.length),
      length: 0,
      value: 0,
      isNumber: false,
    };
    let row = 0;
    for (;;) {
      if (this.at === this.chunk.length) await this.next();
      this.at = takeNumbers(this.chunk, this.at, list);
      const isLast = this.chunk[this.at - 1] === CLOSING_BRACKET;
      if (!isLast && list.length < list.values.length) continue;
      for (const [place, column] of columns.entries()) {
        if (column instanceof Uint8Array)
          spreadBytes(list, { place, every: columns.length, column, row });
        else if (column !== undefined)
          spreadWords(list, { place, every: columns.length, column, row });
      }
      if (isLast) return;
      row += BATCH_ROWS;
      list.length = 0;
    }
  }

  #read(buffer: Buffer): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }> {
    const reading = this.#file.read(buffer, HEADROOM_BYTES, buffer.length - HEADROOM_BYTES);
    // Whoever needs the piece hears of the error; until then it is nobody's.
    reading.catch(() => {});
    return reading;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

/** A list of numbers that is being read; the last number may be cut in two by the end of a piece. */
interface NumberList {
  readonly values: Uint32Array;
  length: number;
  value: number;
  isNumber: boolean;
}

/** Reads numbers until the piece ends, the batch is full or the list is closed; answers where it stopped. */
function takeNumbers(chunk: Buffer, from: number, list: NumberList): number {
  const { values } = list;
  let { value, isNumber, length } = list;
  let at = from;
  while (at < chunk.length) {
    const byte = chunk[at] as number;
    at += 1;
    if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      isNumber = true;
      continue;
    }
    if (isNumber) {
      values[length] = value;
      length += 1;
      value = 0;
      isNumber = false;
    }
    if (byte === CLOSING_BRACKET || length === values.length) break;
  }
  list.value = value;
  list.isNumber = isNumber;
  list.length = length;
  return at;
}

/** Every `every`-th number of a list, from `place` on, goes to a column, from `row` on. */
interface Share<T> {
  readonly place: number;
  readonly every: number;
  readonly column: T;
  readonly row: number;
}

// Twice the same: a loop that knows the kind of its array runs several times as fast.
function spreadBytes({ values, length }: NumberList, share: Share<Uint8Array>): void {
  const { place, every, column } = share;
  let { row } = share;
  for (let at = place; at < length; at += every) {
    column[row] = values[at] as number;
    row += 1;
  }
}

function spreadWords({ values, length }: NumberList, share: Share<Uint32Array>): void {
  const { place, every, column } = share;
  let { row } = share;
  for (let at = place; at < length; at += every) {
    column[row] = values[at] as number;
    row += 1;
  }
}
