import { stripVTControlCharacters } from "node:util";
import { canaryPattern } from "../canary.ts";

const SHOWN_LINES = 20;
const SHOWN_CHARACTERS = 12;

/** The end of what a process printed, to be put behind a sentence; without colours and users' secrets. */
export function lastOutput(output: string): string {
  const plain = mask(stripVTControlCharacters(output));
  const lines = plain.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n    ");
  return lines === "" ? " It printed nothing." : `\n  The last it printed:\n    ${lines}`;
}

/** A text in which of each canary only the start can be read. */
export function mask(text: string): string {
  return text.replaceAll(canaryPattern(), (canary) => `${canary.slice(0, SHOWN_CHARACTERS)}…`);
}
