import type { ReadyFrame, ResumeAnswer } from "../protocol/frames.ts";
import { sseNamed, sseRetry } from "../protocol/sse-frame.ts";
import type { Guest } from "./admission.ts";
import { sendEmpty } from "./answer.ts";
import type { EventStreams, OpenStream } from "./event-streams.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { findStart } from "./resume.ts";
import type { Exchange } from "./route-table.ts";
import { cursorRefused, findRunPlace } from "./run-place.ts";
import { EVERY_EVENT, renderRun } from "./run-rendering.ts";

/** What the endpoint needs; resolved by `createRuntime`. */
export interface EventsOptions extends Pick<ReadyFrame, "heartbeatMs" | "limits"> {
  readonly streams: EventStreams;
}

/** So long should a client wait that lost its stream. */
const RETRY_MS = 1000;

/** `GET /events` and `GET /runs/:runId/events`, as an EventSource reads them. */
export class EventsEndpoint {
  readonly #options: EventsOptions;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  /** All events of the user, after the position that the client names or from now on. */
  async handleUser(exchange: Exchange, guest: Guest): Promise<void> {
    const line = await this.#options.streams.open(exchange, guest, "user");
    const { stream, manager } = line.resident;
    const start = findStart(stream, cursorOf(exchange) ?? null);
    if (start === undefined) throw cursorRefused();
    this.#greet(line, start.after, start.resume);
    manager.follow(line.connection, { after: start.after, rendering: EVERY_EVENT });
  }

  /** The events of one run, after the position that the client names or from its first one. */
  async handleRun(exchange: Exchange, guest: Guest): Promise<void> {
    const line = await this.#options.streams.open(exchange, guest, "user");
    const { stream, manager } = line.resident;
    const runId = exchange.params["runId"] ?? "";
    const place = findRunPlace(stream, runId, cursorOf(exchange));
    if (place === undefined) throw runUnknown();
    // An EventSource comes back whenever a stream ends, until it is told that there is nothing more.
    if (place.isOver) return sendEmpty(exchange.response, 204);
    this.#greet(line, place.after, { status: "resumed" });
    const rendering = renderRun({ stream, runId, dialect: "1.0" }, line.transport);
    manager.follow(line.connection, { after: place.after, rendering });
  }

  #greet({ resident, connection }: OpenStream, after: number, resume: ResumeAnswer): void {
    const { heartbeatMs, limits } = this.#options;
    const position = resident.stream.cursor(after);
    const ready: ReadyFrame = {
      type: "ready",
      protocolVersion: "1.0",
      connectionId: connection.id,
      sessionId: connection.sessionId,
      position,
      resume,
      heartbeatMs,
      limits,
    };
    connection.open();
    // With a position: who loses the stream before its first event goes on from here.
    connection.write(sseRetry(RETRY_MS) + sseNamed("ready", JSON.stringify(ready), position));
  }
}

/** The header wins: a URL says where an EventSource began, not where it is. */
function cursorOf({ request, url }: Exchange): string | undefined {
  const { "last-event-id": header } = request.headers;
  return (header?.toString() || url.searchParams.get("after")) ?? undefined;
}

/** Somebody else's run and one that never was get the very same answer. */
export function runUnknown(): HttpRefusal {
  return new HttpRefusal("RUN_UNKNOWN", "Expected the id of a run of yours.");
}
