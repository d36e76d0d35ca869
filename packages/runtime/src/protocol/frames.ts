import type { RunAgentInput } from "@ag-ui/core";
import { z } from "zod";
import { isId } from "../internal/is-id.ts";
import { RUN_INPUT } from "./run-input.ts";

/** What a client may send. */
export type ClientFrame =
  | { readonly type: "run"; readonly agent: string; readonly input: RunAgentInput }
  | { readonly type: "cancel"; readonly runId: string }
  /** What the client got was not its own, incomplete or out of order: ids only. */
  | { readonly type: "incident"; readonly kind: string; readonly runId?: string | undefined }
  | { readonly type: "ping"; readonly id?: string | undefined };

const id: z.ZodType<string> = z.custom<string>(isId);
const CLIENT_FRAMES: Readonly<Record<ClientFrame["type"], z.ZodType>> = Object.freeze({
  run: z.object({ type: z.literal("run"), agent: id, input: RUN_INPUT }),
  cancel: z.object({ type: z.literal("cancel"), runId: id }),
  incident: z.object({ type: z.literal("incident"), kind: id, runId: id.optional() }),
  ping: z.object({ type: z.literal("ping"), id: id.optional() }),
});

/** Why something that a client asked for was not done. */
export type WireErrorCode =
  | "FRAME_INVALID"
  | "FRAME_UNKNOWN"
  | "AGENT_UNKNOWN"
  | "RUN_UNKNOWN"
  | "RUN_CONFLICT"
  | "TOO_MANY_RUNS"
  | "THREAD_BUSY"
  | "INTERNAL";

/** An answer to a frame that could not be obeyed; goes to the socket that sent it, to no other. */
export interface ErrorFrame {
  readonly type: "error";
  readonly code: WireErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly runId?: string;
}

/** Where the events on a connection begin, seen from what its client said it has had. */
export type ResumeAnswer =
  /** With what comes next: the client named no position. */
  | { readonly status: "live" }
  /** Right after the position that the client named, or with the oldest event if it asked for that. */
  | { readonly status: "resumed" }
  /** With the oldest event that is kept; between the client's position and that, events are missing. */
  | { readonly status: "reset"; readonly reason: "trimmed" | "rolled-back" | "new-log" };

/** The server's first word on a socket: from now on it reads and sends. */
export interface ReadyFrame {
  readonly type: "ready";
  readonly protocolVersion: "1.0";
  readonly connectionId: string;
  readonly sessionId: string;
  /** The position before the first event that this connection gets. */
  readonly position: string;
  readonly resume: ResumeAnswer;
  readonly heartbeatMs: number;
  readonly limits: { readonly maxFrameBytes: number; readonly maxMessagesPerSecond: number };
}

/** A frame, understood, or the error that answers it. */
export type ReadFrame =
  | { readonly frame: ClientFrame }
  | { readonly error: Pick<ErrorFrame, "code" | "message"> };

/** Reads a text frame. Never throws; never repeats what the client wrote. */
export function readClientFrame(text: string): ReadFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("FRAME_INVALID", "Expected a JSON object, got text that is no JSON.");
  }
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : null;
  if (typeof type !== "string") {
    return refuse("FRAME_INVALID", "Expected a JSON object with a text `type`.");
  }
  if (!Object.hasOwn(CLIENT_FRAMES, type)) {
    return refuse("FRAME_UNKNOWN", "Expected a frame of type run, cancel, incident or ping.");
  }
  const result = CLIENT_FRAMES[type as ClientFrame["type"]].safeParse(value);
  if (result.success) return { frame: result.data as ClientFrame };
  const places = result.error.issues.slice(0, 3).map(({ path }) => path.join(".") || "the frame");
  return refuse(
    "FRAME_INVALID",
    `Expected a valid \`${type}\` frame; look at ${places.join(", ")}.`,
  );
}

function refuse(code: WireErrorCode, message: string): ReadFrame {
  return { error: { code, message } };
}
