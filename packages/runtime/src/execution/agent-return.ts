import type { Interrupt } from "@ag-ui/core";
import { InterruptSchema } from "@ag-ui/core/schemas";
import { WatertightError } from "../errors.ts";
import type { RunOutcome } from "./run.ts";

/**
 * What a run comes to whose agent returned `value`. Throws WT_EVENT_INVALID for what is no
 * `AgentReturn`: a person must not wait for a question that nobody can read.
 */
export function outcomeOf(value: unknown): RunOutcome {
  if (value === undefined) return { status: "finished" };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("something else");
  }
  const { result, interrupts, ...rest } = value as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid("an object with other keys");
  if (interrupts === undefined) return finished(result);
  if (result !== undefined) throw invalid("both");
  if (!isInterrupts(interrupts)) throw invalid("interrupts that are no list of AG-UI interrupts");
  return { status: "interrupted", interrupts };
}

function finished(result: unknown): RunOutcome {
  if (result === undefined) return { status: "finished" };
  try {
    JSON.stringify(result);
  } catch {
    throw invalid("a result that can't be written as JSON");
  }
  return { status: "finished", result };
}

function isInterrupts(value: unknown): value is readonly Interrupt[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((interrupt) => InterruptSchema.safeParse(interrupt).success);
}

function invalid(found: string): WatertightError {
  return new WatertightError(
    "WT_EVENT_INVALID",
    `Expected an agent to return nothing, { result } or { interrupts } with at least one, got ${found}.`,
  );
}
