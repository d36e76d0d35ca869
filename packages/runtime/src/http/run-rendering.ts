import type { Rendering } from "../connection/feed.ts";
import type { LogRecord } from "../event-log/event-log.ts";
import type { UserStream } from "../event-log/user-stream.ts";
import { type Dialect, speak } from "../protocol/agui-dialect.ts";
import { withPosition } from "../protocol/position.ts";
import { sseEvent } from "../protocol/sse-frame.ts";
import type { SseTransport } from "./sse-transport.ts";

/** Every event of the user, as server-sent events. */
export const EVERY_EVENT: Rendering = Object.freeze({
  render: ({ frame }: LogRecord, position: string) =>
    sseEvent(position, withPosition(frame, position)),
});

/** Whose events, and in which words. */
export interface RunWish {
  readonly stream: UserStream;
  readonly runId: string;
  readonly dialect: Dialect;
}

/** The events of one run alone; its last one ends the stream. */
export function renderRun({ stream, runId, dialect }: RunWish, transport: SseTransport): Rendering {
  return Object.freeze({
    render: (record: LogRecord, position: string) => {
      if (record.runId !== runId) return undefined;
      return sseEvent(position, speak(dialect, withPosition(record.frame, position)));
    },
    onPassed: (record: LogRecord) => {
      if (record.runId === runId && isLast(stream, record)) transport.finish();
    },
  });
}

/** What was trimmed in the moment in which it was told is not in the index of runs any more. */
function isLast(stream: UserStream, { runId, seq, frame }: LogRecord): boolean {
  const run = stream.findRun(runId);
  return run === undefined ? /^\{"type":"RUN_(?:FINISHED|ERROR)"/.test(frame) : run.lastSeq === seq;
}
