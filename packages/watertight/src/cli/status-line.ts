/** Where progress goes. */
export interface ProgressOutput {
  readonly write: (text: string) => void;
  /** On a terminal what is under way is shown and moves; elsewhere only what is done, a line each. */
  readonly isTerminal: boolean;
  readonly color: boolean;
}

const CLEAR_LINE = "\r\u001B[2K";
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** The last line of a terminal, which says what is under way, and the lines above, which stay. */
export class StatusLine {
  /** What is under way. */
  current = "";
  readonly #output: ProgressOutput;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Begins to move, where there is a terminal. */
  start(current: string): void {
    this.current = current;
    if (!this.#output.isTerminal) return;
    this.#timer = setInterval(() => this.#draw(), 80);
    this.#timer.unref();
  }

  /** Writes a line that stays. */
  print(line: string): void {
    this.#clear();
    this.#output.write(`${line}\n`);
  }

  /** Stops, with an empty line. */
  stop(): void {
    clearInterval(this.#timer);
    this.print("");
  }

  paint(code: number, text: string): string {
    return this.#output.color ? `\u001B[${code}m${text}\u001B[0m` : text;
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % SPINNER.length;
    this.#clear();
    this.#output.write(`  ${this.paint(36, SPINNER[this.#frame] ?? "")} ${this.current}`);
  }

  #clear(): void {
    if (this.#output.isTerminal) this.#output.write(CLEAR_LINE);
  }
}
