import { type ChildProcess, spawn } from "node:child_process";
import { ToolError } from "../errors.ts";
import { wait } from "../internal/wait.ts";
import { splitCommand } from "./command-line.ts";
import { exitAdvice } from "./exit-advice.ts";
import { lastOutput } from "./last-output.ts";
import { Output } from "./output.ts";
import { type Readiness, type Ready, untilReady, watchFor } from "./readiness.ts";

/** What to start, and where it will answer. */
export interface TargetProcessOptions {
  readonly command: string;
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `undefined` if the process tells so itself. */
  readonly baseUrl: string | undefined;
  /** Default: any answer to `/` will do. */
  readonly ready?: Ready | undefined;
  readonly readyTimeoutMs: number;
  /** Where the config describes it. Default: `target`. */
  readonly key?: string;
  /** What it can't do without: says why, if there is such a reason. */
  readonly needs?: { crash(): ToolError | undefined } | undefined;
}

const STOP_GRACE_MS = 3000;
/** What a process printed last arrives a moment after its end. */
const LAST_WORDS_MS = 300;

/**
 * A server under test: started in a process group of its own, so that stopping it stops everything
 * that it started. What it printed is kept (the last 16 KiB) for error messages.
 */
export class TargetProcess {
  readonly command: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #closed: Promise<void>;
  readonly #output = new Output();
  readonly #needs: TargetProcessOptions["needs"];
  #baseUrl = "";
  #stopped = false;

  private constructor({ command, needs }: TargetProcessOptions, child: ChildProcess, pid: number) {
    this.command = command;
    this.pid = pid;
    this.#needs = needs;
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", () => resolve()));
    this.#closed = new Promise((resolve) => child.once("close", () => resolve()));
    for (const stream of [child.stdout, child.stderr]) this.#output.collect(stream);
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
      throw options.needs?.crash() ?? error;
    }
  }

  /** Where it answers, without a path. */
  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** The last 16 KiB that the target printed. */
  get output(): string {
    return this.#output.text;
  }

  /** What the target said of errors that nobody handled, a sentence for each kind. */
  get complaints(): readonly string[] {
    return this.#output.complaints;
  }

  /** Calls `listener` with whatever it prints from now on, and on which stream. */
  onPrint(listener: (stream: string, text: string) => void): void {
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream]?.on("data", (text: string) => listener(stream, text));
    }
  }

  /** How the process ended; `undefined` while it lives or after it was stopped on purpose. */
  get death(): string | undefined {
    if (this.#stopped) return undefined;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null) return `exit code ${exitCode}`;
    return signalCode === null ? undefined : `signal ${signalCode}`;
  }

  /** Why nothing can be said of it any more although it lives: what it needs is gone. */
  async lost(): Promise<ToolError | undefined> {
    return this.#needs?.crash();
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
    const { ready, baseUrl, readyTimeoutMs, key = "target" } = options;
    using readiness = watchFor({ ready, baseUrl, output: this.#output }, key);
    const last = await untilReady(readiness, { timeoutMs: readyTimeoutMs, ended: this.#exited });
    if (this.death !== undefined) {
      await Promise.race([this.#closed, wait(LAST_WORDS_MS)]);
      throw exitedEarly(options, readiness, this.death, this.output);
    }
    if ("found" in last) throw notReady(options, readiness, last.found, this.output);
    this.#baseUrl = last.baseUrl;
  }
}

/** Ends a process group that nobody waits for any more: asked first, killed after three seconds. */
export function endGroup(pid: number): void {
  signalGroup(pid, "SIGTERM");
  setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_GRACE_MS).unref();
}

/** Signals a process group; one that is gone already is fine. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function notFound(options: TargetProcessOptions, program: string, cause: Error): ToolError {
  const { key = "target" } = options;
  return new ToolError(
    "WT_TARGET_NOT_FOUND",
    `Expected ${key}.command to start a program, got \`${options.command}\`: \`${program}\` can't be run in ${options.cwd} (${cause.message}). Check the spelling and ${key}.cwd.`,
    { cause },
  );
}

function exitedEarly(
  { command }: TargetProcessOptions,
  { deed }: Readiness,
  death: string,
  output: string,
): ToolError {
  return new ToolError(
    "WT_TARGET_EXITED",
    `Expected \`${command}\` to stay up and ${deed}, but it ended with ${death} before it was ready. ${exitAdvice(output)}${lastOutput(output)}`,
  );
}

function notReady(
  { command, readyTimeoutMs, key = "target" }: TargetProcessOptions,
  { deed, advice }: Readiness,
  found: string,
  output: string,
): ToolError {
  return new ToolError(
    "WT_TARGET_NOT_READY",
    `Expected \`${command}\` to ${deed} within ${readyTimeoutMs} ms, got ${found}. ${advice}, or raise ${key}.readyTimeoutMs.${lastOutput(output)}`,
  );
}
