import { isRecord, readJson, type Received } from "./received.ts";

/** An AG-UI event of a run, as it arrived on a device. */
export interface RunEvent {
  readonly received: Received;
  readonly type: string;
  readonly runId: string;
  /** The server's own count within the run, from 1; `undefined` if it doesn't count. */
  readonly seq: number | undefined;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Reads a frame as an AG-UI event of a run; control frames and foreign formats are `undefined`. */
export function readRunEvent(received: Received): RunEvent | undefined {
  const event = readJson(received);
  const type = event?.["type"];
  if (event === undefined || typeof type !== "string" || type === "error") return undefined;
  const metadata = isRecord(event["metadata"]) ? event["metadata"] : {};
  const runId = metadata["runId"] ?? event["runId"];
  if (typeof runId !== "string") return undefined;
  const seq = metadata["seq"];
  return { received, type, runId, seq: typeof seq === "number" ? seq : undefined, event };
}

/** Says whether an event ends its run. */
export function isTerminal(event: RunEvent): boolean {
  return event.type === "RUN_FINISHED" || event.type === "RUN_ERROR";
}

/** Says whether an event ends its run because somebody cancelled it; a run may also fail by itself. */
export function isCancelled({ event }: RunEvent): boolean {
  return /cancel|abort/i.test(JSON.stringify([event["outcome"], event["code"]]));
}
