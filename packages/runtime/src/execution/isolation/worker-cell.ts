import { Worker } from "node:worker_threads";
import type { Cell, CellEars } from "./cell.ts";
import type { ToCell } from "./cell-messages.ts";
import { entryPoint } from "./entry-point.ts";
import type { IsolationOptions } from "./isolation-options.ts";
import { OutputLines } from "./output-lines.ts";

/** So often is looked how much a cell has used. */
const LOOK_EVERY_MS = 50;

/** A worker thread: walls of its own around heap, globals and loop, in this process. */
export class WorkerCell implements Cell {
  readonly #worker: Worker;
  readonly #ears: CellEars;
  readonly #maxCpuMs: number | undefined;
  readonly #look: NodeJS.Timeout | undefined;
  #death: { readonly cause: string; readonly error?: unknown } | undefined;
  #killing: NodeJS.Timeout | undefined;

  constructor(options: IsolationOptions, ears: CellEars) {
    this.#ears = ears;
    this.#maxCpuMs = options.maxCpuMs;
    this.#worker = new Worker(entryPoint("worker-main"), {
      env: options.env,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.maxMemoryMb },
      stdout: true,
      stderr: true,
    });
    const output = new OutputLines(options.onOutput);
    output.read(this.#worker.stdout, "stdout");
    output.read(this.#worker.stderr, "stderr");
    this.#worker.on("message", ears.message);
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#gone(code));
    if (options.maxCpuMs !== undefined) {
      this.#look = setInterval(() => this.#checkCpu(), LOOK_EVERY_MS);
    }
  }

  send(message: ToCell): void {
    this.#worker.postMessage(message);
  }

  kill(graceMs: number): void {
    if (this.#killing !== undefined && graceMs > 0) return;
    clearTimeout(this.#killing);
    this.#killing = setTimeout(() => void this.#worker.terminate(), graceMs);
  }

  #fail(error: unknown): void {
    const isMemory = Object(error).code === "ERR_WORKER_OUT_OF_MEMORY";
    this.#death ??= isMemory ? { cause: "out of memory" } : { cause: "crashed", error };
  }

  /** How long the thread's loop was busy: what it computed, and what it waited for without leaving the loop. */
  #checkCpu(): void {
    const { active } = this.#worker.performance.eventLoopUtilization();
    if (this.#maxCpuMs === undefined || active <= this.#maxCpuMs) return;
    this.#death ??= { cause: `used more than ${this.#maxCpuMs} ms of CPU` };
    void this.#worker.terminate();
  }

  #gone(code: number): void {
    clearInterval(this.#look);
    clearTimeout(this.#killing);
    const { cause = `exited with code ${code}`, error } = this.#death ?? {};
    this.#ears.gone(cause, error);
  }
}
