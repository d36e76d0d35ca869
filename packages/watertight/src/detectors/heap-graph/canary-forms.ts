const SECRET = "[0-9A-Za-z]{24}";
const LONGEST_FORM = 64;
const START = 0;

/** The state of a scan that has met a canary's start. */
export const FOUND = 255;

/** A form in which a canary may be written: the text that betrays its start, and what it is read by. */
interface Form {
  readonly start: string;
  readonly anyCase: boolean;
  readonly pattern: RegExp;
  readonly decode: (text: string) => string;
}

/**
 * Recognises canaries in texts: plain and hex in any case, base64 and base64url at each of the three
 * alignments. All forms are looked for at once, a byte at a time.
 */
export class CanaryForms {
  /** `next[state * 256 + byte]`: begins at 0, ends at `FOUND` and stays there. */
  readonly next: Uint8Array;
  readonly #forms: readonly Form[];
  readonly #plain: RegExp;

  constructor(sentinel: string) {
    this.#forms = formsOf(sentinel);
    this.#plain = overlapping(sentinel + SECRET, "gi");
    this.next = automaton(this.#forms);
  }

  /** A canary that is cut in two is whole in this many characters before and after the cut. */
  get reach(): number {
    return LONGEST_FORM;
  }

  /** Says whether a text may hold a canary. */
  mayHold(text: string): boolean {
    let state = START;
    for (let at = 0; at < text.length && state !== FOUND; at += 1) {
      state = this.next[state * 256 + (text.charCodeAt(at) & 255)] as number;
    }
    return state === FOUND;
  }

  /** Every whole canary of a text, decoded, each once. */
  tokensIn(text: string): readonly string[] {
    const tokens = new Set<string>();
    for (const { pattern, decode } of this.#forms) {
      for (const [, encoded = ""] of text.matchAll(pattern)) {
        for (const [, token = ""] of decode(encoded).matchAll(this.#plain)) tokens.add(token);
      }
    }
    return [...tokens];
  }
}

/** Also matches that begin within another: a canary that was cut off may stand before a whole one. */
function overlapping(pattern: string, flags: string): RegExp {
  return new RegExp(`(?=(${pattern}))`, flags);
}

function formsOf(sentinel: string): readonly Form[] {
  const plain: Form = {
    start: sentinel,
    anyCase: true,
    pattern: overlapping(sentinel + SECRET, "gi"),
    decode: (text) => text,
  };
  const digits = Buffer.from(sentinel).toString("hex");
  const hex: Form = {
    start: digits,
    anyCase: true,
    pattern: overlapping(`${digits}[0-9a-f]{48}`, "gi"),
    decode: (text) => Buffer.from(text, "hex").toString("latin1"),
  };
  return [plain, hex, ...[0, 1, 2].map((shift) => base64Form(sentinel, shift))];
}

/** Base64 of something that has the canary `shift` bytes after a multiple of three. */
function base64Form(sentinel: string, shift: number): Form {
  const padded = Buffer.concat([Buffer.alloc(shift), Buffer.from(sentinel)]);
  const encoded = padded.toString("base64");
  const lead = Math.ceil((shift * 8) / 6);
  // Only the letters that the sentinel alone decides; they are the same in both alphabets.
  const start = encoded.slice(lead, Math.floor((padded.length * 8) / 6));
  const letters = Math.ceil(((shift + sentinel.length + 24) * 8) / 6);
  return {
    start,
    anyCase: false,
    pattern: overlapping(
      `[\\w+/-]{${lead}}${start}[\\w+/-]{${letters - lead - start.length}}`,
      "g",
    ),
    decode: (text) => Buffer.from(text, "base64").toString("latin1"),
  };
}

/** How far a scan has come with each form: pairs of a form's number and the letters of its start. */
type Progress = readonly (readonly [form: number, letters: number])[];

/** One state for each set of forms that may have begun, so that one step a byte follows them all. */
function automaton(forms: readonly Form[]): Uint8Array {
  const numbers = new Map<string, number>([["", START]]);
  const states: Progress[] = [[]];
  const steps: number[] = [];
  for (const progress of states) {
    for (let byte = 0; byte < 256; byte += 1) {
      const next = advance(forms, progress, byte);
      const key = next === undefined ? undefined : next.join(" ");
      if (next !== undefined && key !== undefined && !numbers.has(key)) {
        numbers.set(key, states.length);
        states.push(next);
      }
      steps.push(key === undefined ? FOUND : (numbers.get(key) as number));
    }
  }
  const next = new Uint8Array(256 * 256).fill(FOUND, FOUND * 256);
  next.set(steps);
  return next;
}

/** One byte further; `undefined` if the start of a form is complete. */
function advance(forms: readonly Form[], before: Progress, byte: number): Progress | undefined {
  const begun: Progress = [...before, ...forms.map((_, form) => [form, 0] as const)];
  const next = begun
    .filter(([form, letters]) => isLetter(forms[form] as Form, letters, byte))
    .map(([form, letters]) => [form, letters + 1] as const);
  const isComplete = next.some(([form, letters]) => letters === forms[form]?.start.length);
  return isComplete ? undefined : next;
}

function isLetter({ start, anyCase }: Form, place: number, byte: number): boolean {
  const wanted = start[place] ?? "";
  const letter = String.fromCharCode(byte);
  return letter === wanted || (anyCase && letter.toLowerCase() === wanted.toLowerCase());
}
