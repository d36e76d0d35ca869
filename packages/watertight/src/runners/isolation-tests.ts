import { basename, relative } from "node:path";
import { cwd } from "node:process";
import { fileURLToPath } from "node:url";
import { findConfig } from "../config/find-config.ts";
import { ToolError } from "../errors.ts";
import type { Frames } from "../laws/assertion.ts";
import type { IsolationTestResult } from "../report.ts";
import { selectChecks } from "../suite/catalogue.ts";
import { loadModule } from "../target/load-module.ts";
import { explainFailure, explainToolError } from "./explain-failure.ts";
import { SuiteRun } from "./suite-run.ts";

/** How the checks are made as tests. */
export interface IsolationSuiteOptions {
  /** Categories (`2`) and checks (`2.1`); the others are not registered. Default: those of the config. */
  readonly only?: readonly string[];
  /** Default: as the config says. */
  readonly users?: number;
  /** Default: another one each time; a finding names it. */
  readonly seed?: number;
  /** How long one check may take, in milliseconds; the first one also waits for the server. Default: 5 minutes. */
  readonly timeoutMs?: number;
}

/** A check as a test. */
export interface IsolationTest {
  readonly title: string;
  /** Passes, throws what is to be told, or answers why the check is left out. */
  readonly make: (signal: AbortSignal | undefined) => Promise<string | undefined>;
}

/** The checks of one target as groups of tests, for any runner. */
export interface IsolationTests {
  readonly title: string;
  readonly groups: readonly { readonly title: string; readonly tests: readonly IsolationTest[] }[];
  readonly timeoutMs: number;
  /** Stops what the tests have started; resolves when nothing of it is left. */
  readonly stop: () => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 300_000;

/** Stopping takes this long at most: a server is asked first, and killed after three seconds. */
export const STOP_TIMEOUT_MS = 30_000;

/**
 * Turns the catalogue into tests that share one run of the suite, begun by the first test that is
 * made. Throws WT_USAGE for a check that does not exist, and for a target that is no path.
 */
export function createIsolationTests(
  target: string | URL,
  options: IsolationSuiteOptions,
  frames: Frames,
): IsolationTests {
  const folder = cwd();
  const path = toPath(target, folder);
  const session = new Session(path, folder, options);
  const make = async (id: string, signal: AbortSignal | undefined): Promise<string | undefined> => {
    const result = await session.resultOf(id, signal).catch((error: unknown) => {
      throw ToolError.is(error) ? explainToolError(error, frames) : error;
    });
    if (result === undefined) return "left out by `only` of the config";
    if (result.verdict === "passed") return undefined;
    throw explainFailure(result, frames);
  };
  return {
    title: `isolation of ${path === "." ? basename(folder) : path}`,
    groups: selectChecks(options.only ?? []).map(({ id, title, checks }) => ({
      title: `${id} ${title}`,
      tests: checks.map((check) => ({
        title: `${check.id} ${check.title}`,
        make: (signal: AbortSignal | undefined) => make(check.id, signal),
      })),
    })),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    stop: () => session.stop(),
  };
}

/** The suite is another process: what it tests must be something that can be named. */
function toPath(target: unknown, folder: string): string {
  if (typeof target === "string") return target;
  if (target instanceof URL && target.protocol === "file:") {
    return relative(folder, fileURLToPath(target)) || ".";
  }
  throw new ToolError(
    "WT_USAGE",
    `Expected isolationSuite to be given a path or a file: URL of a folder, a config or a module of components, got ${target instanceof URL ? target.href : typeof target}. The suite runs in a process of its own, to which functions can't be handed: write the config into a file and name that.`,
  );
}

/** One target's run of the suite, and what has come out of it. */
class Session {
  readonly #target: string;
  readonly #folder: string;
  readonly #options: IsolationSuiteOptions;
  readonly #results = new Map<string, IsolationTestResult>();
  #wanted: Promise<readonly string[]> | undefined;
  #run: SuiteRun | undefined;

  constructor(target: string, folder: string, options: IsolationSuiteOptions) {
    this.#target = target;
    this.#folder = folder;
    this.#options = options;
  }

  /**
   * The result of a check; `undefined` if the config leaves it out. A check that has been made is not
   * made again: a leak does not go away by trying twice.
   */
  async resultOf(
    id: string,
    signal: AbortSignal | undefined,
  ): Promise<IsolationTestResult | undefined> {
    const wanted = await (this.#wanted ??= this.#findWanted());
    if (!wanted.includes(id)) return undefined;
    const known = this.#results.get(id);
    if (known !== undefined) return known;
    const result = await this.#runWith(id, wanted).resultOf(id, signal);
    this.#results.set(id, result);
    return result;
  }

  async stop(): Promise<void> {
    await this.#run?.stop();
  }

  async #findWanted(): Promise<readonly string[]> {
    const { only, agents } = await findConfig(this.#target, this.#folder, loadModule);
    const hasAgents = agents !== undefined;
    return selectChecks(this.#options.only ?? only, { hasAgents }).flatMap(({ checks }) =>
      checks.map((check) => check.id),
    );
  }

  /**
   * A runner does not say which tests it has filtered out, but it goes in order: what stands before
   * the first check that it asks for is not wanted. What stands behind the last one is stopped.
   */
  #runWith(id: string, wanted: readonly string[]): SuiteRun {
    if (this.#run?.covers(id) === true) return this.#run;
    const only = wanted.slice(wanted.indexOf(id)).filter((later) => !this.#results.has(later));
    const { users, seed } = this.#options;
    const request = { target: this.#target, folder: this.#folder, users, only, seed };
    this.#run = new SuiteRun(request, this.#run?.stop());
    return this.#run;
  }
}
