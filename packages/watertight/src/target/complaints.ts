import { mask } from "./last-output.ts";

const SHOWN_CHARACTERS = 200;
/** The first words of an error, as Node and most of its friends print one. */
const HEADING = /^(?:\w+\.)*\w*(?:Error|Exception)\b/;
/** A line of a stack tells of the place, and not of one more error. */
const STACK = /^\s+at /;
/** Node's second line on the same rejection (`--unhandled-rejections=warn`). */
const EXPLANATION = /Unhandled promise rejection\. This error originated/;
/** Node's own words, and those of whoever listens for the event: `Unhandled Rejection at: …`. */
const REJECTION = /\bunhandled ?(?:promise ?)?rejection(?:warning)?\b(.*)/i;
const EXCEPTION = /\buncaught ?(?:exception|\w*error\b)(.*)/i;
/** The last words of a Node process that an exception has ended; it may be a helper of the server. */
const LAST_WORDS = /^Node\.js v\d/;

interface Heard {
  count: number;
  readonly first: string;
}

/** Counts what a process prints of errors that nobody handled. */
export class Complaints {
  readonly #heard = new Map<"unhandled rejection" | "uncaught exception", Heard>();
  #heading: string | undefined;

  /** Reads the next line. */
  hear(line: string): void {
    if (STACK.test(line) || EXPLANATION.test(line)) return;
    const rejection = REJECTION.exec(line);
    const exception = rejection === null ? EXCEPTION.exec(line) : null;
    if (rejection !== null) this.#count("unhandled rejection", rejection[1]);
    if (exception !== null) this.#count("uncaught exception", exception[1]);
    if (rejection !== null || exception !== null) {
      this.#heading = undefined;
    } else if (HEADING.test(line)) {
      this.#heading = line;
    } else if (LAST_WORDS.test(line) && this.#heading !== undefined) {
      this.#count("uncaught exception", this.#heading);
      this.#heading = undefined;
    }
  }

  /** `The server reported 3 unhandled rejections; the first: Error: no such row.` Without canaries. */
  get sentences(): readonly string[] {
    return [...this.#heard].map(([kind, { count, first }]) => {
      const what = count === 1 ? `1 ${kind}` : `${count} ${kind}s`;
      return `The server reported ${what}${first === "" ? "" : `; the first: ${first}`}.`;
    });
  }

  #count(kind: "unhandled rejection" | "uncaught exception", text = ""): void {
    const known = this.#heard.get(kind);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const words = text.replace(/^[^\w[{("']+/, "").replace(/\.?\s*$/, "");
    this.#heard.set(kind, { count: 1, first: mask(words).slice(0, SHOWN_CHARACTERS) });
  }
}
