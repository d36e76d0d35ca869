import { COLOR, MARK } from "../reporters/verdict-marks.ts";
import type { SuiteEvent } from "../suite/run-suite.ts";

/** Where progress goes. */
export interface ProgressOutput {
  readonly write: (text: string) => void;
  /** On a terminal the check under way is shown and moves; elsewhere only what is done, a line each. */
  readonly isTerminal: boolean;
  readonly color: boolean;
}

const CLEAR_LINE = "\r\u001B[2K";
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** Shows how far a run has come. */
export class Progress {
  readonly #output: ProgressOutput;
  #current = "";
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Says what is about to be tested. */
  begin(label: string, users: number, seed: number): void {
    const line = `watertight check${label === "." ? "" : ` ${label}`} · ${users} users · seed ${seed}\n\n`;
    this.#output.write(this.#paint(2, line));
    if (!this.#output.isTerminal) return;
    this.#current = "starting the target";
    this.#timer = setInterval(() => this.#draw(), 80);
    this.#timer.unref();
  }

  show(event: SuiteEvent): void {
    if (event.type === "check-started") this.#current = `${event.id} ${event.title}`;
    if (event.type === "step") this.#current = `${this.#current.split(" · ")[0]} · ${event.step}`;
    if (event.type !== "check-ended") return;
    const { id, title, verdict, durationMs } = event.result;
    const mark = this.#paint(COLOR[verdict], MARK[verdict]);
    const time = this.#paint(2, `${(durationMs / 1000).toFixed(1)} s`);
    this.#clear();
    this.#output.write(`  ${mark} ${id} ${title.padEnd(28)} ${time.padStart(7)}\n`);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
    this.#output.write("\n");
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % SPINNER.length;
    this.#clear();
    this.#output.write(`  ${this.#paint(36, SPINNER[this.#frame] ?? "")} ${this.#current}`);
  }

  #clear(): void {
    if (this.#output.isTerminal) this.#output.write(CLEAR_LINE);
  }

  #paint(code: number, text: string): string {
    return this.#output.color ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}
