import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "watertight";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));
const MANIFEST = createRequire(import.meta.url).resolve("watertight/package.json");
const BIN = join(dirname(MANIFEST), "bin", "watertight.js");
const MARK = "WATERTIGHT_TEST_MARK";

/** What a finished command left behind. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The report that it wrote; throws if there is none. */
  readonly report: Report;
}

/** One `npx watertight …` as a user would type it, in a process tree that can be found again. */
export class WatertightRun {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  readonly #mark = randomUUID();

  constructor(words: readonly string[], options: { readonly env?: NodeJS.ProcessEnv } = {}) {
    const out = mkdtempSync(join(tmpdir(), "watertight-out-"));
    this.child = spawn(process.execPath, [BIN, ...words, "--out", out], {
      cwd: ROOT,
      // oxlint-disable-next-line node/no-process-env -- a command gets the environment of its user
      env: { ...process.env, NO_COLOR: "1", ...options.env, [MARK]: this.#mark },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.finished = this.#finish(out);
  }

  /** Everything of this run that is alive now, by process id, whoever started it. */
  get processes(): readonly number[] {
    const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return ids.map(Number).filter((id) => environmentOf(id).includes(`${MARK}=${this.#mark}`));
  }

  /** Resolves when the run has printed `text`. */
  hasPrinted(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.stdout?.on("data", (chunk: Buffer) => chunk.includes(text) && resolve());
      this.child.once("close", () => reject(new Error(`Expected the run to print ${text}`)));
    });
  }

  async #finish(out: string): Promise<Finished> {
    const output = { stdout: "", stderr: "" };
    this.child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    const exitCode = await new Promise<number | null>((resolve) =>
      this.child.once("close", resolve),
    );
    return {
      ...output,
      exitCode,
      get report() {
        return JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report;
      },
    };
  }
}

/** Runs a command to its end. */
export function watertight(...words: readonly string[]): Promise<Finished> {
  return new WatertightRun(words).finished;
}

function environmentOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/environ`, "latin1");
  } catch {
    return "";
  }
}
