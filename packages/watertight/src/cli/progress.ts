import { COLOR, MARK } from "../reporters/verdict-marks.ts";
import type { SuiteEvent } from "../suite/run-suite.ts";
import { type ProgressOutput, StatusLine } from "./status-line.ts";

/** The longest title of a check, and the answer to it in a column of its own. */
const TITLE_WIDTH = 34;

/** Shows how far a check has come. */
export class Progress {
  readonly #line: StatusLine;

  constructor(output: ProgressOutput) {
    this.#line = new StatusLine(output);
  }

  /** Says what is about to be tested. */
  begin(label: string, users: number, seed: number): void {
    const target = label === "." ? "" : ` ${label}`;
    const title = `watertight check${target} · ${users} users · seed ${seed}`;
    this.#line.print(this.#line.paint(2, `${title}\n`));
    this.#line.start("starting the target");
  }

  show(event: SuiteEvent): void {
    const line = this.#line;
    if (event.type === "check-started") line.current = `${event.id} ${event.title}`;
    if (event.type === "step") line.current = `${line.current.split(" · ")[0]} · ${event.step}`;
    if (event.type !== "check-ended" && event.type !== "check-broken") return;
    const { id, title, verdict, durationMs } = event.result;
    const mark = line.paint(COLOR[verdict], MARK[verdict]);
    const time = line.paint(2, `${(durationMs / 1000).toFixed(1)} s`);
    line.print(`  ${mark} ${id} ${title.padEnd(TITLE_WIDTH)} ${time.padStart(7)}`);
  }

  end(): void {
    this.#line.stop();
  }
}
