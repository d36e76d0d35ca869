import { COLOR, MARK } from "../reporters/verdict-marks.ts";
import type { SoakReport, SoakSummary, SoakWindow } from "../suite/soak-report.ts";
import type { SoakArguments } from "./arguments.ts";
import { formatDuration } from "./duration.ts";
import { type ProgressOutput, StatusLine } from "./status-line.ts";

/** Beyond so many windows, the first is printed, then one now and then, and what brings something new. */
const MAX_LINES = 470;
const BYTES_PER_MB = 1024 * 1024;

/** Shows how far a soak has come: a line a window, at most 500 however many windows there are. */
export class SoakProgress {
  readonly #line: StatusLine;
  readonly #request: Pick<SoakArguments, "forMs" | "windowMs">;
  #findings = 0;

  constructor(output: ProgressOutput, request: Pick<SoakArguments, "forMs" | "windowMs">) {
    this.#line = new StatusLine(output);
    this.#request = request;
  }

  /** Says what is about to be tested, and where its metrics are, if anywhere. */
  begin(plan: {
    readonly label: string;
    readonly users: number;
    readonly seed: number;
    readonly metrics: string | undefined;
  }): void {
    const { label, users, seed, metrics } = plan;
    const { forMs, windowMs } = this.#request;
    const target = label === "." ? "" : ` ${label}`;
    const time = `${formatDuration(forMs)} in windows of ${formatDuration(windowMs)}`;
    const where = metrics === undefined ? "" : `\nmetrics at ${metrics}`;
    const title = `watertight soak${target} · ${users} users · seed ${seed} · ${time}${where}`;
    this.#line.print(this.#line.paint(2, `${title}\n`));
    this.#line.start("starting the target");
  }

  step(step: string): void {
    this.#line.current = step;
  }

  /** Tells of a window that is over, beside the report so far. */
  show(window: SoakWindow, report: SoakReport): void {
    const findings = countFindings(report);
    const isNews = findings > this.#findings;
    this.#findings = Math.max(this.#findings, findings);
    const isDue = window.number === 1 || window.number % this.#stride === 0;
    if (isNews || isDue) this.#line.print(this.#describe(window));
  }

  /** Says what only all windows together show. */
  end(report: SoakReport | undefined): void {
    if (report !== undefined) this.#line.print(`\n  ${summaryLine(report.soak)}`);
    this.#line.stop();
  }

  get #stride(): number {
    const { forMs, windowMs } = this.#request;
    return Math.ceil(forMs / windowMs / MAX_LINES);
  }

  #describe({ number, verdict, endedAtMs, latency, memoryBytes, findings }: SoakWindow): string {
    const mark = this.#line.paint(COLOR[verdict], MARK[verdict]);
    const [p50, p90, p99] = [latency.p50, latency.p90, latency.p99].map(significant);
    const parts = [
      `${mark} ${String(number).padStart(4)}`,
      this.#line.paint(2, clock(endedAtMs)),
      `${String(latency.count).padStart(6)} operations`,
      `p50 ${p50} · p90 ${p90} · p99 ${p99} ms`,
      ...(memoryBytes === null ? [] : [`${(memoryBytes / BYTES_PER_MB).toFixed(1)} MB`]),
      `${findings} ${findings === 1 ? "finding" : "findings"}`,
    ];
    return `  ${parts.join("  ")}`;
  }
}

function countFindings({ categories }: SoakReport): number {
  return categories.flatMap(({ checks }) => checks.flatMap(({ findings }) => findings)).length;
}

function summaryLine({ played, windowMs, latency, perHour, ending }: SoakSummary): string {
  const early = ending === "interrupted" ? ", interrupted" : "";
  const windows = `${played} windows of ${formatDuration(windowMs)}${early}`;
  const [p50, p99] = [latency.p50, latency.p99].map(significant);
  const times = `${latency.count} operations, p50 ${p50} ms, p99 ${p99} ms`;
  if (perHour === null) return `${windows} · ${times}`;
  const [slope, low, high] = [perHour.slope, perHour.low, perHour.high].map((bytes) =>
    (bytes / BYTES_PER_MB).toFixed(1),
  );
  return `${windows} · ${times} · memory ${slope} MB an hour [${low}; ${high}]`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Hours, minutes and seconds since the beginning. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
