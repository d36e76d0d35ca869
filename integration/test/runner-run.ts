import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./watertight-run.ts";

const FOLDER = join(ROOT, "integration", "targets", "runners");

/** The words of `vitest run` with one file of tests. */
export const VITEST_RUN: readonly string[] = [
  join(ROOT, "node_modules", "vitest", "vitest.mjs"),
  "run",
  "--config",
  join(FOLDER, "vitest.config.ts"),
];
const MARK = "RUNNERS_TEST_MARK";

/** What a finished runner left behind. */
export interface RunnerFinished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A real test runner at work on the suite, in a process tree that can be found again. */
export class RunnerRun {
  readonly child: ChildProcess;
  readonly finished: Promise<RunnerFinished>;
  readonly #mark = randomUUID();
  #output = "";

  /** Each check may take `timeoutMs`. */
  constructor(words: readonly string[], target = "", timeoutMs = 120_000) {
    this.child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: {
        ...withoutRunner(),
        NO_COLOR: "1",
        RUNNERS_TARGET: target,
        RUNNERS_TIMEOUT_MS: String(timeoutMs),
        [MARK]: this.#mark,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
    this.finished = new Promise((resolve) =>
      this.child.once("close", (exitCode, signal) =>
        resolve({ exitCode, signal, output: this.#output }),
      ),
    );
  }

  /** `vitest run …` with one file of tests. */
  static vitest(target: string, ...words: readonly string[]): RunnerRun {
    return new RunnerRun([...VITEST_RUN, ...words], target);
  }

  /** `node --test …` with one file of tests. */
  static nodeTest(target: string, ...words: readonly string[]): RunnerRun {
    return new RunnerRun(["--test", ...words, join(FOLDER, "node-test.js")], target);
  }

  /** Everything of this run that is alive now, by process id and command. */
  get processes(): ReadonlyMap<number, string> {
    const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const own = ids.filter((id) => readProc(id, "environ").includes(`${MARK}=${this.#mark}`));
    return new Map(own.map((id) => [Number(id), readProc(id, "cmdline").replaceAll("\0", " ")]));
  }
}

/** A runner that runs in a runner takes itself for one of its parts. */
function withoutRunner(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- a runner gets the environment of its user
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...environment } = process.env;
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith("VITEST")),
  );
}

function readProc(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, "latin1");
  } catch {
    return "";
  }
}
