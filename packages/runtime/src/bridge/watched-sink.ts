import { type Span, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import type { RequestContext } from "../context/request-context.ts";
import type { RunSink } from "../execution/agent-execution-registry.ts";
import type { RunOutcome } from "../execution/run.ts";
import type { Logger } from "../metrics/logger.ts";
import type { Monitor } from "../metrics/monitor.ts";

/** Where the life of runs is counted, traced and logged: ids and times, never what was said. */
export interface RunWatch {
  readonly monitor: Monitor;
  readonly tracer: Tracer;
  readonly logger: Logger;
}

interface WatchedRun {
  readonly span: Span;
  readonly beganAt: number;
  hasSpoken: boolean;
}

const BAD: readonly RunOutcome["status"][] = Object.freeze(["failed", "died", "timed-out"]);

/** Answers `sink`, watched: one span, two log lines and the counts of each run. */
export function watchRuns(sink: RunSink, { monitor, tracer, logger }: RunWatch): RunSink {
  const runs = new Map<string, WatchedRun>();
  return Object.freeze<RunSink>({
    begin(request, agentName) {
      const names = namesOf(request, agentName);
      const span = tracer.startSpan("watertight.run", { attributes: attributesOf(names) });
      runs.set(request.runId, { span, beganAt: performance.now(), hasSpoken: false });
      monitor.runStarted();
      logger.info(names, "run started");
      sink.begin(request, agentName);
    },
    ...(sink.queued === undefined ? {} : { queued: sink.queued }),
    // oxlint-disable-next-line typescript/no-misused-promises -- a sink may answer what is to be waited for
    event(request, event) {
      const run = runs.get(request.runId);
      if (run?.hasSpoken === false) {
        run.hasSpoken = true;
        monitor.firstEvent(performance.now() - run.beganAt);
      }
      return sink.event(request, event);
    },
    end(request, agentName, outcome) {
      const { status } = outcome;
      const run = runs.get(request.runId);
      runs.delete(request.runId);
      const tookMs = performance.now() - (run?.beganAt ?? performance.now());
      run?.span.setAttribute("watertight.run.status", status);
      if (BAD.includes(status)) run?.span.setStatus({ code: SpanStatusCode.ERROR });
      run?.span.end();
      monitor.runEnded({ agentName, status, tookMs });
      logger.info({ ...namesOf(request, agentName), status, tookMs }, "run ended");
      sink.end(request, agentName, outcome);
    },
  });
}

function namesOf({ user, threadId, runId }: RequestContext, agent: string): Record<string, string> {
  return { tenantId: user.tenantId, userId: user.userId, threadId, runId, agent };
}

function attributesOf(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([name, id]) => [`watertight.${name}`, id]));
}
