import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const FIXTURE = fileURLToPath(new URL("fixtures/log-process.ts", import.meta.url));
const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** Makes a program of the fixture, that a process of its own can run; answers its path. */
export async function buildLogProcess(folder: string): Promise<string> {
  const outfile = join(folder, "log-process.mjs");
  symlinkSync(MODULES, join(folder, "node_modules"));
  await build({
    entryPoints: [FIXTURE],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile,
    logLevel: "error",
  });
  return outfile;
}

/** A process that has a log open. */
export class LogProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = "";
  #errors = "";

  constructor(program: string, args: readonly string[], shell?: string) {
    const command = [process.execPath, program, ...args];
    // A shell sets limits that Node can't, and becomes the process.
    this.#child =
      shell === undefined
        ? spawn(process.execPath, [program, ...args])
        : spawn("bash", ["-c", `${shell}; exec "$@"`, "bash", ...command]);
    this.#child.stdout?.on("data", (data: Buffer) => (this.#output += data.toString()));
    this.#child.stderr?.on("data", (data: Buffer) => (this.#errors += data.toString()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has said, in whole lines. */
  get lines(): readonly string[] {
    return this.#output.split("\n").slice(0, -1);
  }

  /** Resolves when it has said enough. */
  async said(isEnough: (lines: readonly string[]) => boolean): Promise<void> {
    while (!isEnough(this.lines)) {
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#errors}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
