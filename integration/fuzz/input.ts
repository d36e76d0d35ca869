import { readFileSync, writeFileSync } from "node:fs";

/** Bytes that go over the wire, and the pause before them. */
export interface Step {
  readonly bytes: Buffer;
  readonly pauseMs: number;
}

/** One TCP connection: everything that is written to it, and how it ends. Nothing else decides what happens. */
export interface FuzzInput {
  /** How it was made, for the report. */
  readonly kind: string;
  /** Whose token it carries, if it carries a good one. */
  readonly userId: string;
  readonly steps: readonly Step[];
  readonly ending: "end" | "destroy" | "reset";
  /** How long it is listened to after the last step. */
  readonly lingerMs: number;
}

interface SavedInput extends Omit<FuzzInput, "steps"> {
  readonly steps: readonly { readonly base64: string; readonly pauseMs: number }[];
}

/** Writes inputs to a file that {@link loadInputs} can read. */
export function saveInputs(file: string, inputs: readonly FuzzInput[]): void {
  const saved = inputs.map((input): SavedInput => {
    const steps = input.steps.map(({ bytes, pauseMs }) => {
      return { base64: bytes.toString("base64"), pauseMs };
    });
    return { ...input, steps };
  });
  writeFileSync(file, JSON.stringify(saved, undefined, 1));
}

/** Reads what was saved. */
export function loadInputs(file: string): readonly FuzzInput[] {
  const saved = JSON.parse(readFileSync(file, "utf8")) as readonly SavedInput[];
  return saved.map((input): FuzzInput => {
    const steps = input.steps.map(({ base64, pauseMs }) => {
      return { bytes: Buffer.from(base64, "base64"), pauseMs };
    });
    return { ...input, steps };
  });
}
