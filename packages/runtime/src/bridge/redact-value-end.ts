/** What a character is to a value: in it, the last of it, already behind it, or proof that it is no JSON. */
export type Place = "inside" | "last" | "behind" | "broken";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MAX_DEPTH = 1000;
const MAX_SCALAR = 1000;
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;
const BEHIND_SCALAR = /[\s,\]}]/;

/**
 * Finds the end of one JSON value, character by character, beginning with its first. Keeps the
 * brackets that are open, 1,000 at most, and the text of a number, 1,000 characters at most; what
 * goes beyond counts as broken.
 */
export class ValueEnd {
  readonly #closers: number[] = [];
  #scalar: string | undefined;
  #inString = false;
  #isEscaped = false;

  /** Says what the next character is. Not to be asked again after any answer but `inside`. */
  next(unit: number): Place {
    if (this.#inString) return this.#nextInString(unit);
    if (this.#scalar !== undefined) return this.#nextInScalar(this.#scalar, unit);
    switch (String.fromCharCode(unit)) {
      case '"':
        this.#inString = true;
        return "inside";
      case "{":
        return this.#open("}");
      case "[":
        return this.#open("]");
      case "}":
      case "]":
        return this.#closers.pop() === unit ? this.#closed() : "broken";
    }
    // Between brackets anything may stand: what matters is where the last one closes.
    return this.#closers.length > 0 ? "inside" : this.#nextInScalar("", unit);
  }

  #open(closer: string): Place {
    this.#closers.push(closer.charCodeAt(0));
    return this.#closers.length > MAX_DEPTH ? "broken" : "inside";
  }

  #closed(): Place {
    return this.#closers.length === 0 ? "last" : "inside";
  }

  #nextInString(unit: number): Place {
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (unit === BACKSLASH) {
      this.#isEscaped = true;
    } else if (unit === QUOTE) {
      this.#inString = false;
      return this.#closed();
    }
    return "inside";
  }

  #nextInScalar(text: string, unit: number): Place {
    const char = String.fromCharCode(unit);
    if (BEHIND_SCALAR.test(char)) return SCALAR.test(text) ? "behind" : "broken";
    this.#scalar = text + char;
    return this.#scalar.length > MAX_SCALAR ? "broken" : "inside";
  }
}
