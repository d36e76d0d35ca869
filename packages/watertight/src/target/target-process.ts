import { type ChildProcess, spawn } from "node:child_process";
import { ToolError } from "../errors.ts";
import { wait } from "../internal/wait.ts";
import { splitCommand } from "./command-line.ts";
import { lastOutput } from "./last-output.ts";

/** What to start, and where it will answer. */
export interface TargetProcessOptions {
  readonly command: string;
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly baseUrl: string;
  /** A path that must answer 2xx; without one, any answer to `/` will do. */
  readonly ready?: string;
  readonly readyTimeoutMs: number;
}

const KEPT_OUTPUT_BYTES = 16 * 1024;
const STOP_GRACE_MS = 3000;

/**
 * A server under test: started in a process group of its own, so that stopping it stops everything
 * that it started. What it printed is kept (the last 16 KiB) for error messages.
 */
export class TargetProcess {
  readonly baseUrl: string;
  readonly command: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = "";
  #stopped = false;

  private constructor(options: TargetProcessOptions, child: ChildProcess, pid: number) {
    this.baseUrl = options.baseUrl;
    this.command = options.command;
    this.pid = pid;
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", () => resolve()));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-KEPT_OUTPUT_BYTES);
      });
    }
  }

  /**
   * Starts the command and resolves when it is ready. Throws WT_TARGET_NOT_FOUND if there is no such
   * program, WT_TARGET_EXITED if it ends first, WT_TARGET_NOT_READY after `readyTimeoutMs`.
   * `onStarted` learns the process group before anything can go wrong.
   */
  static async start(
    options: TargetProcessOptions,
    onStarted: (pid: number) => void,
  ): Promise<TargetProcess> {
    const [program, ...parameters] = splitCommand(options.command);
    if (program === undefined || program === "") {
      throw notFound(options, "", new Error("there is no word in it"));
    }
    const child = spawn(program, parameters, {
      cwd: options.cwd,
      env: { ...options.env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(notFound(options, program, cause)));
    });
    const target = new TargetProcess(options, child, child.pid as number);
    onStarted(target.pid);
    try {
      await target.#untilReady(options);
      return target;
    } catch (error) {
      await target.stop();
      throw error;
    }
  }

  /** The last 16 KiB that the target printed. */
  get output(): string {
    return this.#output;
  }

  /** How the process ended; `undefined` while it lives or after it was stopped on purpose. */
  get death(): string | undefined {
    if (this.#stopped) return undefined;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null) return `exit code ${exitCode}`;
    return signalCode === null ? undefined : `signal ${signalCode}`;
  }

  /** Ends the whole process group: asked first, killed after three seconds. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    signalGroup(this.pid, "SIGTERM");
    const gone = new AbortController();
    void this.#exited.then(() => gone.abort());
    await wait(STOP_GRACE_MS, gone.signal);
    signalGroup(this.pid, "SIGKILL");
    await this.#exited;
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async #untilReady(options: TargetProcessOptions): Promise<void> {
    const deadline = performance.now() + options.readyTimeoutMs;
    let answer = "no connection";
    while (performance.now() < deadline) {
      if (this.death !== undefined) throw exitedEarly(options, this.death, this.#output);
      const attempt = await askReady(options);
      if (attempt === "ready") return;
      answer = attempt;
      await Promise.race([wait(50), this.#exited]);
    }
    throw new ToolError(
      "WT_TARGET_NOT_READY",
      `Expected \`${options.command}\` to answer ${readyUrl(options)} within ${options.readyTimeoutMs} ms, got ${answer}. ` +
        `Check target.ready and that the server listens on the port in PORT, or raise target.readyTimeoutMs.${lastOutput(this.#output)}`,
    );
  }
}

/** Signals a process group; one that is gone already is fine. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function askReady(options: TargetProcessOptions): Promise<string> {
  try {
    const response = await fetch(readyUrl(options), {
      redirect: "manual",
      signal: AbortSignal.timeout(2000),
    });
    await response.arrayBuffer();
    const isReady = options.ready === undefined || response.ok;
    return isReady ? "ready" : `status ${response.status}`;
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code;
    return cause ?? (error instanceof Error ? error.message : String(error));
  }
}

function readyUrl(options: TargetProcessOptions): string {
  return new URL(options.ready ?? "/", options.baseUrl).href;
}

function notFound(options: TargetProcessOptions, program: string, cause: Error): ToolError {
  return new ToolError(
    "WT_TARGET_NOT_FOUND",
    `Expected target.command to start a program, got \`${options.command}\`: \`${program}\` can't be run in ${options.cwd} (${cause.message}). Check the spelling and target.cwd.`,
    { cause },
  );
}

function exitedEarly(options: TargetProcessOptions, death: string, output: string): ToolError {
  const hint = output.includes("EADDRINUSE")
    ? " Another process listens on its port: stop that one, or let the server take its port from PORT."
    : " Run it by hand to see why.";
  return new ToolError(
    "WT_TARGET_EXITED",
    `Expected \`${options.command}\` to stay up and answer ${readyUrl(options)}, but it ended with ${death} before it was ready.${hint}${lastOutput(output)}`,
  );
}
