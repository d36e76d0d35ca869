import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Cell, CellEars } from "./cell.ts";
import type { FromCell, ToCell } from "./cell-messages.ts";
import { entryPoint } from "./entry-point.ts";
import type { IsolationOptions } from "./isolation-options.ts";
import { OutputLines } from "./output-lines.ts";
import { canMeasureProcesses, readProcessUsage } from "./process-usage.ts";

/** So often is looked how much a cell has used. */
const LOOK_EVERY_MS = 50;
/** What a process of Node takes before its heap. */
const OWN_MEMORY_MB = 128;
/** So long may it take, after the process has ended, until its last words have come. */
const LAST_WORDS_MS = 1000;

/** A process of its own, and its group: whatever it does, this process is not in it. */
export class ProcessCell implements Cell {
  readonly #child: ChildProcess;
  readonly #ears: CellEars;
  readonly #options: IsolationOptions;
  readonly #output: OutputLines;
  readonly #look: NodeJS.Timeout | undefined;
  #death: string | undefined;
  #killing: NodeJS.Timeout | undefined;
  #isGone = false;

  constructor(options: IsolationOptions, ears: CellEars) {
    this.#ears = ears;
    this.#options = options;
    this.#output = new OutputLines(options.onOutput);
    this.#child = fork(fileURLToPath(entryPoint("process-main")), {
      detached: true,
      env: options.env,
      execArgv: [`--max-old-space-size=${options.maxMemoryMb}`],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#output.read(this.#child.stdout, "stdout");
    this.#output.read(this.#child.stderr, "stderr");
    this.#child.on("message", (message) => ears.message(message as FromCell));
    this.#child.on("error", (error) => {
      if (this.#child.pid === undefined) this.#gone("could not be started", error);
    });
    this.#child.on("exit", (code, signal) => this.#exited(code, signal));
    if (canMeasureProcesses()) this.#look = setInterval(() => this.#checkUsage(), LOOK_EVERY_MS);
  }

  send(message: ToCell): void {
    // What it can't hear because it is gone is told by its end.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  kill(graceMs: number): void {
    if (this.#killing !== undefined && graceMs > 0) return;
    clearTimeout(this.#killing);
    this.#killing = setTimeout(() => {
      this.#signal("SIGTERM");
      this.#killing = setTimeout(() => this.#signal("SIGKILL"), graceMs);
    }, graceMs);
  }

  #checkUsage(): void {
    const usage = readProcessUsage(this.#child.pid ?? -1);
    const { maxCpuMs = Number.POSITIVE_INFINITY, maxMemoryMb } = this.#options;
    if (usage === undefined) return;
    if (usage.cpuMs > maxCpuMs) this.#death ??= `used more than ${maxCpuMs} ms of CPU`;
    if (usage.memoryMb > maxMemoryMb + OWN_MEMORY_MB) this.#death ??= "out of memory";
    if (this.#death !== undefined) this.#signal("SIGKILL");
  }

  /** What the process started dies with it. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // No such group: it is gone, or this system has none.
      this.#child.kill(signal);
    }
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    clearInterval(this.#look);
    clearTimeout(this.#killing);
    this.#signal("SIGKILL");
    const tell = (): void => this.#gone(this.#death ?? this.#causeOf(code, signal));
    const late = setTimeout(tell, LAST_WORDS_MS);
    this.#child.once("close", () => {
      clearTimeout(late);
      tell();
    });
  }

  #causeOf(code: number | null, signal: NodeJS.Signals | null): string {
    const isMemory = signal === "SIGABRT" && /heap out of memory/i.test(this.#output.tail);
    if (isMemory) return "out of memory";
    return signal === null ? `exited with code ${code}` : `killed by ${signal}`;
  }

  #gone(cause: string, error?: unknown): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearInterval(this.#look);
    this.#ears.gone(cause, error);
  }
}
