import type { SoakReport } from "../suite/soak-report.ts";
import { soakOf } from "../suite/soak-report.ts";
import type { SoakArguments } from "./arguments.ts";
import { attempt, type Failure } from "./deliver.ts";
import { type CommandLine, progressOutput } from "./finish.ts";
import type { SuiteMessage } from "./messages.ts";
import { type MetricsServer, serveMetrics } from "./metrics-server.ts";
import { type EndRun, prepareRun } from "./prepare-run.ts";
import { replaceFile } from "./replace-file.ts";
import { reportFiles } from "./report-files.ts";
import { renderMetrics } from "./soak-metrics.ts";
import { SoakProgress } from "./soak-progress.ts";
import { runSuiteProcess } from "./suite-runner.ts";

const INTERRUPTED = 130;

/** Makes a soak, shows and serves how it goes, writes the reports, and answers the exit code. */
export async function runSoak(request: SoakArguments, line: CommandLine): Promise<number> {
  const end = await prepareRun(request, line);
  const session = new SoakSession(request, line);
  const { metricsPort } = request;
  if (metricsPort === undefined) return session.run(end, undefined);
  await using server = await serveMetrics(metricsPort, () => session.metrics);
  return await session.run(end, server);
}

/** A soak as the command line sees it: the report so far is known at any time. */
class SoakSession {
  readonly #request: SoakArguments;
  readonly #line: CommandLine;
  readonly #progress: SoakProgress;
  readonly #metricsFiles: readonly string[];
  #soFar: SoakReport | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: Failure | undefined;

  constructor(request: SoakArguments, line: CommandLine) {
    this.#request = request;
    this.#line = line;
    this.#progress = new SoakProgress(progressOutput(request, line), request);
    this.#metricsFiles = reportFiles(request, line.folder)
      .filter(({ format, path }) => format === "prometheus" && path !== "-")
      .map(({ path }) => path);
  }

  /** The report so far, as Prometheus reads it; nothing before the first window is over. */
  get metrics(): string {
    return this.#soFar === undefined ? "" : renderMetrics(this.#soFar);
  }

  /** Rejects if the suite could not work; what was seen until then is reported all the same. */
  async run(end: EndRun, server: MetricsServer | undefined): Promise<number> {
    const { target, url, users, seed, forMs, windowMs } = this.#request;
    const { folder, signal } = this.#line;
    const soak = { forMs, windowMs };
    try {
      const report = await runSuiteProcess(
        { target, url, users, only: [], seed, folder, soak },
        (message) => this.#hear(message, server),
        signal,
      );
      await this.#finish(soakOf(report) === undefined ? undefined : (report as SoakReport));
      const code = await end(report);
      return signal.aborted ? INTERRUPTED : code;
    } catch (error) {
      const soFar = this.#soFar;
      await this.#finish(soFar);
      if (soFar !== undefined) await end(unfinished(soFar), { isWhole: false });
      throw error;
    }
  }

  #hear(message: SuiteMessage, server: MetricsServer | undefined): void {
    if (message.type === "planned") this.#progress.begin({ ...message, metrics: server?.url });
    if (message.type === "event" && message.event.type === "step") {
      this.#progress.step(message.event.step);
    }
    if (message.type !== "window") return;
    this.#soFar = message.report;
    this.#progress.show(message.window, message.report);
    this.#writing = this.#writing.then(() => this.#writeMetrics(message.report));
  }

  /** What can't be written is told once: the next window tries again. */
  async #writeMetrics(report: SoakReport): Promise<void> {
    for (const path of this.#metricsFiles) {
      const [failure] = await attempt(`The prometheus report ${path}`, () =>
        replaceFile(path, renderMetrics(report)),
      );
      if (failure !== undefined && this.#failure === undefined) {
        this.#line.stderr.write(`watertight: ${failure}\n`);
      }
      this.#failure ??= failure;
    }
  }

  async #finish(report: SoakReport | undefined): Promise<void> {
    await this.#writing;
    this.#progress.end(report);
  }
}

/** Nothing was found until the suite itself failed; that is no pass. */
function unfinished(report: SoakReport): SoakReport {
  const gap = "The suite failed before the soak was over: what came later was not seen.";
  const verdict = report.verdict === "passed" ? "inconclusive" : report.verdict;
  return { ...report, verdict, notCovered: [gap, ...report.notCovered] };
}
