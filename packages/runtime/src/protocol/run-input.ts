import type { RunAgentInput } from "@ag-ui/core";
import { RunAgentInputSchema } from "@ag-ui/core/schemas";
import type { z } from "zod";
import { isId } from "../internal/is-id.ts";
import { type Dialect, dialectOf } from "./agui-dialect.ts";
import { modernInput } from "./old-dialect.ts";

/** What a run is started with, by whichever way it comes. */
export const RUN_INPUT: z.ZodType = RunAgentInputSchema.refine(({ threadId }) => isId(threadId), {
  path: ["threadId"],
}).refine(({ runId }) => isId(runId), { path: ["runId"] });

/** What a run is started with, understood, and the dialect of who asks; or what is wrong with it. */
export type ReadRunInput =
  | { readonly input: RunAgentInput; readonly dialect: Dialect }
  | { readonly error: string };

/** Reads AG-UI's `RunAgentInput`, of either dialect. Never throws; never repeats what the client wrote. */
export function readRunInput(value: unknown): ReadRunInput {
  const dialect = dialectOf(value);
  const result = RUN_INPUT.safeParse(dialect === "1.0" ? value : modernInput(value));
  if (result.success) return { input: result.data as RunAgentInput, dialect };
  const places = result.error.issues.slice(0, 3).map(({ path }) => path.join(".") || "the body");
  return { error: `Expected a RunAgentInput of AG-UI; look at ${places.join(", ")}.` };
}
