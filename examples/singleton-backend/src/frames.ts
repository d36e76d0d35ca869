import type { RunAgentInput } from "@ag-ui/core";
import { RunAgentInputSchema } from "@ag-ui/core/schemas";
import { z } from "zod";

/** What a client may send. */
export type ClientFrame =
  | { readonly type: "run"; readonly agent: string; readonly input: RunAgentInput }
  | { readonly type: "cancel"; readonly runId: string }
  | { readonly type: "ping"; readonly id?: string | undefined };

const id = z.string().min(1).max(256);
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  run: z.object({ type: z.literal("run"), agent: id, input: RunAgentInputSchema }),
  cancel: z.object({ type: z.literal("cancel"), runId: id }),
  ping: z.object({ type: z.literal("ping"), id: id.optional() }),
};

/** Reads a text frame; answers an error code for one that can't be obeyed. Never throws. */
export function readFrame(text: string): ClientFrame | "FRAME_INVALID" | "FRAME_UNKNOWN" {
  const value = parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) return "FRAME_INVALID";
  if (typeof value.type !== "string") return "FRAME_INVALID";
  const schema = Object.hasOwn(SCHEMAS, value.type) ? SCHEMAS[value.type] : undefined;
  if (schema === undefined) return "FRAME_UNKNOWN";
  const result = schema.safeParse(value);
  return result.success ? (result.data as ClientFrame) : "FRAME_INVALID";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
