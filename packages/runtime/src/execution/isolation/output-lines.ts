/** Where a line that an agent printed came from. */
export type OutputStream = "stdout" | "stderr";

/** Hears what an agent prints, line by line. */
export type OnOutput = (line: string, stream: OutputStream) => void;

const MAX_LINE_LENGTH = 2000;
const MAX_LINES = 1000;
const TAIL_LENGTH = 4000;

/**
 * What one agent prints, cut into lines. A line's rest beyond 2,000 characters and all lines after the
 * thousandth are dropped: an agent that prints without end fills nobody's memory.
 */
export class OutputLines {
  readonly #tell: OnOutput;
  #lines = 0;
  #tail = "";

  constructor(tell: OnOutput | undefined) {
    this.#tell = tell ?? (() => {});
  }

  /** The last that was printed. */
  get tail(): string {
    return this.#tail;
  }

  /** Reads a stream to its end. */
  read(stream: NodeJS.ReadableStream | null, name: OutputStream): void {
    let line = "";
    stream?.setEncoding("utf8");
    stream?.on("data", (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_LENGTH);
      const [first = "", ...others] = text.split("\n");
      line = (line + first).slice(0, MAX_LINE_LENGTH);
      for (const other of others) {
        this.#say(line, name);
        line = other.slice(0, MAX_LINE_LENGTH);
      }
    });
    stream?.on("end", () => (line === "" ? undefined : this.#say(line, name)));
    // A pipe that breaks because its process was killed is no news.
    stream?.on("error", () => {});
  }

  #say(line: string, name: OutputStream): void {
    this.#lines += 1;
    if (this.#lines > MAX_LINES) return;
    try {
      this.#tell(line, name);
    } catch {
      // Whoever listens has no say in what becomes of the run.
    }
  }
}
