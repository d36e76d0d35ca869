import { setImmediate as nextTurn } from "node:timers/promises";
import type { ToolCallResultEvent } from "@ag-ui/core";

const SECRETS = /"(password|secret|token|api_?key|authorization|cookie|credentials?)":"[^"]*"/gi;

/**
 * Answers a copy of a tool's result without the values of keys that name secrets. Results can be
 * large, so they are searched in a turn of their own: nobody's tokens should have to wait.
 */
export async function redactResult(event: ToolCallResultEvent): Promise<ToolCallResultEvent> {
  await nextTurn();
  if (typeof event.content !== "string") return event;
  return { ...event, content: event.content.replace(SECRETS, '"$1":"[redacted]"') };
}
