/** Longer strings are cut in the table: names are short, and canaries were found before. */
const KEPT_BYTES = 1024;
const MAX_DECODED = 20_000;
const FIRST_CAPACITY = 1024 * 1024;
const TOKEN_PATTERN = "[0-9A-Za-z]{24}";

/** The strings of a snapshot: bytes as they stand in the file, decoded when asked for. */
export class StringTable {
  readonly #sentinel: Buffer;
  readonly #pattern: string;
  readonly #tokens = new Map<number, readonly string[]>();
  /** A walk asks for the same few names millions of times. */
  readonly #decoded = new Map<number, string>();
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #ends = new Uint32Array(FIRST_CAPACITY / 8);
  #length = 0;

  constructor(sentinel: string) {
    this.#sentinel = Buffer.from(sentinel);
    this.#pattern = sentinel + TOKEN_PATTERN;
  }

  get length(): number {
    return this.#length;
  }

  /** By index of string: the canaries that it holds. */
  get canaries(): ReadonlyMap<number, readonly string[]> {
    return this.#tokens;
  }

  /** Takes the next string: `bytes` from `start` to `end`, still with its JSON escapes. */
  add(bytes: Buffer, start: number, end: number): void {
    const whole = bytes.subarray(start, end);
    if (whole.length >= this.#sentinel.length && whole.includes(this.#sentinel)) {
      const tokens = whole.toString("latin1").match(new RegExp(this.#pattern, "g"));
      if (tokens !== null) this.#tokens.set(this.#length, [...new Set(tokens)]);
    }
    const begin = this.#end(this.#length - 1);
    const kept = Math.min(whole.length, KEPT_BYTES);
    this.#reserve(begin + kept);
    whole.copy(this.#bytes, begin, 0, kept);
    this.#ends[this.#length] = begin + kept;
    this.#length += 1;
  }

  /** The string at `index`, cut at 1,024 bytes. */
  at(index: number): string {
    const known = this.#decoded.get(index);
    if (known !== undefined) return known;
    const text = this.#decode(index);
    if (this.#decoded.size < MAX_DECODED) this.#decoded.set(index, text);
    return text;
  }

  /** The index of `text`, or -1. */
  indexOf(text: string): number {
    // The engine escapes what is not ASCII, and this table keeps strings as they stand in the file.
    const wanted = Buffer.from(escaped(text));
    for (let index = 0; index < this.#length; index += 1) {
      const start = this.#end(index - 1);
      const isAsLong = this.#end(index) - start === wanted.length;
      if (
        isAsLong &&
        this.#bytes.compare(wanted, 0, wanted.length, start, start + wanted.length) === 0
      ) {
        return index;
      }
    }
    return -1;
  }

  #decode(index: number): string {
    const text = this.#bytes.toString("utf8", this.#end(index - 1), this.#end(index));
    if (!text.includes("\\")) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      return text;
    }
  }

  #end(index: number): number {
    return index < 0 ? 0 : (this.#ends[index] as number);
  }

  #reserve(bytes: number): void {
    if (bytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, this.#bytes.length * 2));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    if (this.#length < this.#ends.length) return;
    const larger = new Uint32Array(this.#ends.length * 2);
    larger.set(this.#ends);
    this.#ends = larger;
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
