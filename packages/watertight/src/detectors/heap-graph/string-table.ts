import type { CanaryForms } from "./canary-forms.ts";

/** Of longer strings the table keeps this much of the start, and some of the end: names are short. */
const HEAD_BYTES = 1024;
const TAIL_BYTES = 64;
/** Below it a loop is faster than a call. */
const SHORT_BYTES = 128;
const PAGE_BYTES = 4 * 1024 * 1024;
const FIRST_CAPACITY = 128 * 1024;
const ZERO = 48;
const MAX_DECODED = 20_000;

/** The strings of a snapshot: bytes as they stand in the file, decoded when asked for. */
export class StringTable {
  /** What may be in a string, and how it is found. */
  readonly forms: CanaryForms;
  readonly #tokens = new Map<number, readonly string[]>();
  /** A walk asks for the same few names millions of times. */
  readonly #decoded = new Map<number, string>();
  readonly #pages: Buffer[] = [];
  /** No string is on two pages. */
  #starts = new Uint32Array(FIRST_CAPACITY);
  #lengths = new Uint16Array(FIRST_CAPACITY);
  #length = 0;
  #free = 0;

  constructor(forms: CanaryForms) {
    this.forms = forms;
  }

  get length(): number {
    return this.#length;
  }

  /** By index of string: the canaries that it holds. */
  get canaries(): ReadonlyMap<number, readonly string[]> {
    return this.#tokens;
  }

  /** Takes the next string: `bytes` from `start` to `end`, with JSON escapes; `isMarked` if it may hold canaries. */
  add(bytes: Buffer, start: number, end: number, isMarked: boolean): void {
    if (isMarked) {
      const tokens = this.forms.tokensIn(bytes.toString("latin1", start, end));
      if (tokens.length > 0) this.#tokens.set(this.#length, tokens);
    }
    const length = Math.min(end - start, HEAD_BYTES + TAIL_BYTES);
    const page = this.#reserve(length);
    const at = this.#free % PAGE_BYTES;
    if (length < SHORT_BYTES) {
      for (let byte = 0; byte < length; byte += 1) page[at + byte] = bytes[start + byte] as number;
    } else if (length < HEAD_BYTES + TAIL_BYTES) bytes.copy(page, at, start, end);
    else {
      bytes.copy(page, at, start, start + HEAD_BYTES);
      bytes.copy(page, at + HEAD_BYTES, end - TAIL_BYTES, end);
    }
    this.#starts[this.#length] = this.#free;
    this.#lengths[this.#length] = length;
    this.#length += 1;
    this.#free += length;
  }

  /** The string at `index`, cut at 1,024 bytes. */
  at(index: number): string {
    const known = this.#decoded.get(index);
    if (known !== undefined) return known;
    const text = this.#decode(index);
    if (this.#decoded.size < MAX_DECODED) this.#decoded.set(index, text);
    return text;
  }

  /** Says whether the string at `index` is `text`, which is ASCII without anything to be escaped. */
  is(index: number, text: string): boolean {
    if (this.#lengths[index] !== text.length) return false;
    const { page, start } = this.#place(index);
    for (let at = 0; at < text.length; at += 1) {
      if (page[start + at] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  /** The number that a string of digits stands for; -1 for any other string. */
  numberAt(index: number): number {
    const { page, start, length } = this.#place(index);
    let number = length === 0 ? -1 : 0;
    for (let at = start; at < start + length; at += 1) {
      const digit = (page[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return -1;
      number = number * 10 + digit;
    }
    return number;
  }

  /** The first and the last 64 bytes of a string, as they stand in the file. */
  ends(index: number): readonly [first: string, last: string] {
    const { page, start, length } = this.#place(index);
    const size = Math.min(length, TAIL_BYTES);
    const end = start + length;
    return [page.toString("latin1", start, start + size), page.toString("latin1", end - size, end)];
  }

  /** Says whether what follows a string could complete a canary that begins in its last 64 bytes. */
  mayGoOn(index: number): boolean {
    const { next } = this.forms;
    const { page, start, length } = this.#place(index);
    let state = 0;
    for (let at = start + Math.max(0, length - TAIL_BYTES); at < start + length; at += 1) {
      state = next[state * 256 + (page[at] as number)] as number;
    }
    return state !== 0;
  }

  /** The index of `text`, or -1. */
  indexOf(text: string): number {
    // The engine escapes what is not ASCII, and this table keeps strings as they stand in the file.
    const wanted = Buffer.from(escaped(text));
    for (let index = 0; index < this.#length; index += 1) {
      if (this.#lengths[index] !== wanted.length) continue;
      const { page, start, length } = this.#place(index);
      if (page.compare(wanted, 0, length, start, start + length) === 0) return index;
    }
    return -1;
  }

  #place(index: number): {
    readonly page: Buffer;
    readonly start: number;
    readonly length: number;
  } {
    const start = this.#starts[index] as number;
    const page = this.#pages[Math.floor(start / PAGE_BYTES)] as Buffer;
    return { page, start: start % PAGE_BYTES, length: this.#lengths[index] as number };
  }

  #decode(index: number): string {
    const { page, start, length } = this.#place(index);
    const text = page.toString("utf8", start, start + Math.min(length, HEAD_BYTES));
    if (!text.includes("\\")) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      return text;
    }
  }

  /** Makes room for a string; answers the page on which it goes. */
  #reserve(bytes: number): Buffer {
    const onPage = this.#free % PAGE_BYTES;
    if (onPage + bytes > PAGE_BYTES) this.#free += PAGE_BYTES - onPage;
    const number = Math.floor(this.#free / PAGE_BYTES);
    const page = (this.#pages[number] ??= Buffer.allocUnsafe(PAGE_BYTES));
    if (this.#length < this.#starts.length) return page;
    const starts = new Uint32Array(this.#starts.length * 2);
    starts.set(this.#starts);
    this.#starts = starts;
    const lengths = new Uint16Array(this.#lengths.length * 2);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
    return page;
  }
}

function escaped(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^\u0020-\u007F]/g, (letter) => {
      const code = letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      return `\\u${code}`;
    });
}
