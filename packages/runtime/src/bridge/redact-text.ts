import type { KeyNode, SecretKeys } from "./redact-keys.ts";
import { ValueEnd } from "./redact-value-end.ts";

/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

const MAX_LEVEL = 6;
const MAX_HELD = 1000;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BROKEN_ESCAPE = 0xfffd;
const ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
});

/**
 * Where in the text the next character stands. `start`: nothing but space so far. `other`: no JSON,
 * all passes. `json`: outside of strings. `value`: before the value of a secret's key. `secret`: in
 * it. `behind`: after it. `lost`: a secret whose end can't be told; nothing passes any more.
 */
type State = "start" | "other" | "json" | "string" | "value" | "secret" | "behind" | "lost";

/**
 * Redacts one text that comes in pieces of any size. A text that begins as JSON, with `{`, `[` or a
 * string, has `[redacted]` for the value of every key that names a secret, whatever escapes the key
 * is written with; a string in it that is such a text itself is treated alike. All else passes as it
 * came, and at once: only an escape within such a string waits until it is whole. JSON that is broken
 * passes too, but once the key of a secret was seen nothing passes before the end of its value is
 * certain. What it remembers is bounded: {@link ValueEnd}, six texts within texts, and of each an
 * unfinished escape of 1,000 characters.
 */
export class TextRedactor {
  readonly #keys: SecretKeys;
  readonly #level: number;
  #state: State = "start";
  #depth = 0;
  /** Whether the whole text is one string. */
  #isString = false;
  /** The string being read: how its text goes as a key, and as a JSON text of its own. */
  #key: KeyNode | undefined;
  #isBlank = false;
  #inner: TextRedactor | undefined;
  #escape: string | undefined;
  #held = "";
  /** Whether a string just ended that is the key of a secret if a colon follows. */
  #isSecret = false;
  #value: ValueEnd | undefined;

  /** `level`: how many strings this text lies in. */
  constructor(keys: SecretKeys, level = 0) {
    this.#keys = keys;
    this.#level = level;
  }

  /** Whether the text could end here: no bracket, string or secret of it is open. */
  get isWhole(): boolean {
    if (this.#state === "json") return this.#depth <= 0;
    return this.#state === "start" || this.#state === "other";
  }

  /** Takes the next piece; answers what of the text can go out now. */
  push(text: string): string {
    let out = "";
    let sent = 0;
    for (let at = this.#plainUntil(text, 0); at < text.length; at = this.#plainUntil(text, at)) {
      const raw = text.charAt(at);
      const passed = this.feed(text.charCodeAt(at), raw);
      if (passed !== raw) {
        out += text.slice(sent, at) + passed;
        sent = at + 1;
      }
      at += 1;
    }
    return sent === 0 ? text : out + text.slice(sent);
  }

  /** Takes one UTF-16 unit, written as `raw` in the outermost text; answers what goes out for it. */
  feed(unit: number, raw: string): string {
    switch (this.#state) {
      case "start":
        return this.#start(unit, raw);
      case "other":
        return raw;
      case "json":
        return this.#json(unit, raw);
      case "string":
        return this.#string(unit, raw);
      case "value":
        return this.#begin(unit, raw);
      case "secret":
        return this.#secret(unit, raw);
      case "behind":
        return this.#behind(unit, raw);
      case "lost":
        return "";
    }
  }

  /** Tells that the text ends; answers what was waiting. */
  end(): string {
    const inner = this.#inner?.end() ?? "";
    const held = this.#isPassing ? this.#held : "";
    this.#held = "";
    return inner + held;
  }

  /** Whether the next character could be one that passes. */
  get #isPassing(): boolean {
    if (this.#state === "string") return this.#inner === undefined || this.#inner.#isPassing;
    return this.#state === "start" || this.#state === "other" || this.#state === "json";
  }

  /** From `at`, the first character that must be looked at: most of a text passes unseen. */
  #plainUntil(text: string, at: number): number {
    if (this.#state === "other") return text.length;
    const isPlain = this.#key === undefined && !this.#isBlank && this.#inner === undefined;
    let end = at;
    if (this.#state === "string" && isPlain && this.#escape === undefined) {
      while (end < text.length && !isStringEnd(text.charCodeAt(end))) end += 1;
    } else if (this.#state === "json" && !this.#isSecret) {
      while (end < text.length && !isMark(text.charCodeAt(end))) end += 1;
    }
    return end;
  }

  #start(unit: number, raw: string): string {
    if (isSpace(unit)) return raw;
    if (!opensJson(unit)) {
      this.#state = "other";
      return raw;
    }
    // Deeper than anybody writes: what can't be looked into doesn't pass.
    if (this.#level > MAX_LEVEL) {
      this.#state = "lost";
      return REDACTED;
    }
    this.#isString = unit === QUOTE;
    return this.#json(unit, raw);
  }

  #json(unit: number, raw: string): string {
    this.#state = "json";
    if (isSpace(unit)) return raw;
    if (unit === COLON && this.#isSecret) this.#state = "value";
    this.#isSecret = false;
    if (unit === QUOTE) {
      this.#state = "string";
      this.#key = this.#keys.start;
      this.#isBlank = true;
    }
    if (isOpener(unit)) this.#depth += 1;
    if (isCloser(unit)) this.#depth -= 1;
    return raw;
  }

  #string(unit: number, raw: string): string {
    if (this.#escape !== undefined) return this.#escaped(this.#escape, unit, raw);
    if (unit === BACKSLASH) {
      this.#escape = "";
      return this.#hold(raw);
    }
    if (unit !== QUOTE) return this.#char(unit, raw);
    const waiting = this.#inner?.end() ?? "";
    this.#isSecret = this.#key?.isSecret === true;
    this.#inner = undefined;
    this.#key = undefined;
    this.#state = this.#isString ? "other" : "json";
    return waiting + raw;
  }

  /** One more character of an escape. An unknown escape stands for its character, as many readers have it. */
  #escaped(begun: string, unit: number, raw: string): string {
    const escape = begun + String.fromCharCode(unit);
    if (/^u[\da-fA-F]{0,3}$/.test(escape)) {
      this.#escape = escape;
      return this.#hold(raw);
    }
    this.#escape = undefined;
    if (escape.length === 1) {
      return this.#release((ESCAPES[escape] ?? escape).charCodeAt(0), raw);
    }
    if (/^u[\da-fA-F]{4}$/.test(escape)) {
      return this.#release(Number.parseInt(escape.slice(1), 16), raw);
    }
    const broken = this.#release(BROKEN_ESCAPE, "");
    return broken + this.#string(unit, raw);
  }

  /** Lets an escape wait if what it stands for decides whether it passes. */
  #hold(raw: string): string {
    if (this.#inner === undefined && !this.#isBlank) return raw;
    this.#held += raw;
    if (this.#held.length > MAX_HELD) {
      this.#held = "";
      this.#state = "lost";
    }
    return "";
  }

  #release(unit: number, raw: string): string {
    const held = this.#held + raw;
    this.#held = "";
    return this.#char(unit, held);
  }

  /** One character of a string, unescaped. */
  #char(unit: number, raw: string): string {
    if (this.#key !== undefined) this.#key = this.#keys.follow(this.#key, unit);
    if (this.#isBlank && !isSpace(unit)) {
      this.#isBlank = false;
      if (opensJson(unit)) this.#inner = new TextRedactor(this.#keys, this.#level + 1);
    }
    return this.#inner === undefined ? raw : this.#inner.feed(unit, raw);
  }

  #begin(unit: number, raw: string): string {
    if (isSpace(unit)) return raw;
    this.#state = "secret";
    this.#value = new ValueEnd();
    return placeholder(this.#level) + this.#secret(unit, raw);
  }

  #secret(unit: number, raw: string): string {
    const place = this.#value?.next(unit) ?? "broken";
    if (place === "inside") return "";
    this.#state = place === "broken" ? "lost" : "behind";
    return place === "behind" ? this.#behind(unit, raw) : "";
  }

  #behind(unit: number, raw: string): string {
    if (isSpace(unit)) return raw;
    if (unit === COMMA || isCloser(unit)) return this.#json(unit, raw);
    this.#state = "lost";
    return "";
  }
}

/** Answers `text`, redacted as {@link TextRedactor} does; the same text if there is no secret in it. */
export function redactText(text: string, keys: SecretKeys): string {
  const first = text.charCodeAt(0);
  // Most texts are no JSON, and need no redactor to tell.
  if (!opensJson(first) && !isSpace(first)) return text;
  const redactor = new TextRedactor(keys);
  return redactor.push(text) + redactor.end();
}

function placeholder(level: number): string {
  let text = JSON.stringify(REDACTED);
  for (let at = 0; at < level; at += 1) text = JSON.stringify(text).slice(1, -1);
  return text;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09 || unit === 0xfeff;
}

function isOpener(unit: number): boolean {
  return unit === 0x7b || unit === 0x5b;
}

function isCloser(unit: number): boolean {
  return unit === 0x7d || unit === 0x5d;
}

function isStringEnd(unit: number): boolean {
  return unit === QUOTE || unit === BACKSLASH;
}

function isMark(unit: number): boolean {
  return unit === QUOTE || isOpener(unit) || isCloser(unit);
}

function opensJson(unit: number): boolean {
  return unit === QUOTE || isOpener(unit);
}
