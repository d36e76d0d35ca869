import type { ErrorFrame, ReadyFrame } from "../protocol/frames.ts";
import { isId } from "../internal/is-id.ts";
import type { ClientEvent } from "./client-event.ts";

/** What the server said, understood as far as it was well-formed. */
export type ServerFrame =
  | { readonly kind: "ready"; readonly ready: ReadyFrame }
  | { readonly kind: "error"; readonly error: ErrorFrame }
  | { readonly kind: "pong" }
  | { readonly kind: "event"; readonly event: ClientEvent }
  | { readonly kind: "unknown-frame" }
  | { readonly kind: "malformed" };

type Fields = Readonly<Record<string, unknown>>;

const MALFORMED = Object.freeze({ kind: "malformed" } as const);
const UNKNOWN = Object.freeze({ kind: "unknown-frame" } as const);
const PONG = Object.freeze({ kind: "pong" } as const);

/** Reads what came over a socket. Never throws. */
export function readServerFrame(data: unknown): ServerFrame {
  const frame = fieldsOf(parse(data));
  const type = frame["type"];
  if (typeof type !== "string" || type === "") return MALFORMED;
  if (!/^[a-z]/.test(type)) return isEvent(frame, type) ? event(frame) : MALFORMED;
  switch (type) {
    case "ready":
      return isReady(frame) ? { kind: "ready", ready: frame as unknown as ReadyFrame } : MALFORMED;
    case "error":
      return isError(frame) ? { kind: "error", error: frame as unknown as ErrorFrame } : MALFORMED;
    case "pong":
      return PONG;
    default:
      return UNKNOWN;
  }
}

function parse(data: unknown): unknown {
  if (typeof data !== "string") return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function event(frame: Fields): ServerFrame {
  return { kind: "event", event: frame as unknown as ClientEvent };
}

/** A place is not taken for granted: without a good one, nobody knows whose event it is. */
function isEvent({ metadata }: Fields, type: string): boolean {
  const { threadId, runId, seq, position } = fieldsOf(metadata);
  if (!isId(threadId) || !isId(runId) || !isId(position) || !isCount(seq)) return false;
  return type !== "RUN_STARTED" || seq === 1;
}

function isReady({ protocolVersion, sessionId, position, resume, limits }: Fields): boolean {
  const { maxFrameBytes, maxMessagesPerSecond } = fieldsOf(limits);
  const isSound = isId(sessionId) && isId(position) && isResume(fieldsOf(resume));
  return (
    isSound && protocolVersion === "1.0" && isCount(maxFrameBytes) && isCount(maxMessagesPerSecond)
  );
}

function isResume({ status, reason }: Fields): boolean {
  return status === "live" || status === "resumed" || (status === "reset" && isId(reason));
}

function isError({ code, message, runId }: Fields): boolean {
  return isId(code) && typeof message === "string" && (runId === undefined || isId(runId));
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}
