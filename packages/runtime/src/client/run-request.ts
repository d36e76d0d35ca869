import type { Message, RunAgentInput } from "@ag-ui/core";
import { WatertightError } from "../errors.ts";
import { isId } from "../internal/is-id.ts";
import { invalidOption } from "./client-errors.ts";
import type { RunRequest } from "./client-run.ts";

/** What an agent is asked: messages alone, or all of AG-UI's input. */
export interface RunOptions {
  readonly agent: string;
  readonly threadId: string;
  /** Default: a new one. The same id on the same thread is the same run, also on other devices. */
  readonly runId?: string;
  readonly messages?: readonly Message[];
  readonly input?: Partial<Omit<RunAgentInput, "threadId" | "runId">>;
}

/** Writes the frame that starts a run. Throws WT_ID_INVALID, or WT_OPTION_INVALID for what JSON can't say. */
export function createRunRequest(options: RunOptions, createId: () => string): RunRequest {
  const { agent, threadId, runId = createId(), messages, input } = options;
  checkId("agent", agent);
  checkPlace({ threadId, runId });
  const said = { messages: [], tools: [], context: [], ...input, ...(messages && { messages }) };
  const frame = write({ type: "run", agent, input: { ...said, threadId, runId } });
  return { threadId, runId, frame };
}

/** Throws WT_ID_INVALID unless both are ids. */
export function checkPlace({ threadId, runId }: Pick<RunRequest, "threadId" | "runId">): void {
  checkId("threadId", threadId);
  checkId("runId", runId);
}

/** Bytes of a frame, counted only if it may be too large. */
export function isTooLarge(frame: string, maxBytes: number): boolean {
  return frame.length * 3 > maxBytes && new TextEncoder().encode(frame).length > maxBytes;
}

function write(frame: object): string {
  try {
    return JSON.stringify(frame);
  } catch (cause) {
    throw invalidOption("input", "what JSON can say", { cause });
  }
}

function checkId(name: string, value: unknown): void {
  if (isId(value)) return;
  throw new WatertightError(
    "WT_ID_INVALID",
    `Expected \`${name}\` to be a text of 1 to 256 characters without control characters, got something else. Pass ids as they were given.`,
  );
}
