import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { Complaints } from "./complaints.ts";

const KEPT_CHARACTERS = 16 * 1024;

/**
 * What a process prints, on both streams. However much that is, no more than the last 16 KiB of it are kept,
 * and no more of a line.
 */
export class Output {
  readonly #complaints = new Complaints();
  readonly #listeners = new Set<(line: string) => void>();
  #text = "";

  /** The last 16 KiB. */
  get text(): string {
    return this.#text;
  }

  /** What was said of errors that nobody handled, a sentence for each kind. */
  get complaints(): readonly string[] {
    return this.#complaints.sentences;
  }

  /** Reads a stream to its end. */
  collect(stream: Readable | null): void {
    const read = createLineReader((line) => this.#hear(line));
    stream?.setEncoding("utf8").on("data", (text: string) => {
      this.#text = (this.#text + text).slice(-KEPT_CHARACTERS);
      read(text);
    });
  }

  /** Calls `listener` with each whole line from now on, without its colours. Answers how to stop it. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #hear(line: string): void {
    this.#complaints.hear(line);
    if (this.#listeners.size === 0) return;
    const plain = stripVTControlCharacters(line);
    for (const listener of this.#listeners) listener(plain);
  }
}

function createLineReader(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = (lines.pop() ?? "").slice(-KEPT_CHARACTERS);
    for (const line of lines) onLine(line);
  };
}
