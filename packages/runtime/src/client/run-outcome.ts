import type { Interrupt } from "@ag-ui/core";
import type { WatertightError } from "../errors.ts";
import type { ClientEvent } from "./client-event.ts";

/** How a run ended, as far as this client was told. */
export type RunOutcome =
  | { readonly status: "finished"; readonly result?: unknown }
  | { readonly status: "cancelled" }
  /** It waits for a person; a new run carries the answers. */
  | { readonly status: "interrupted"; readonly interrupts: readonly Interrupt[] }
  /** The agent failed, died or took too long; the code says which. */
  | { readonly status: "failed"; readonly code: string; readonly message: string }
  /** The server did not start it. */
  | {
      readonly status: "refused";
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    }
  /** Nobody told how it ended: events are missing, or the client was closed before. */
  | { readonly status: "lost"; readonly error: WatertightError };

/** What a run came to, by its last event. What is not known to be a success is none. */
export function outcomeOf(event: ClientEvent): RunOutcome {
  if (event.type === "RUN_ERROR") {
    const { code = "UNKNOWN", message } = event;
    return { status: "failed", code, message };
  }
  if (event.type !== "RUN_FINISHED") return unknownOutcome(event.type);
  const { outcome, result } = event;
  // Without an outcome it is a success, says AG-UI.
  switch (outcome?.type ?? "success") {
    case "success":
      return { status: "finished", ...(result === undefined ? {} : { result }) };
    case "cancelled":
      return { status: "cancelled" };
    case "interrupt":
      return { status: "interrupted", interrupts: interruptsOf(outcome) };
    default:
      return unknownOutcome(event.type);
  }
}

function interruptsOf(outcome: object | undefined): readonly Interrupt[] {
  const { interrupts } = (outcome ?? {}) as { readonly interrupts?: readonly Interrupt[] };
  return interrupts ?? [];
}

function unknownOutcome(type: string): RunOutcome {
  const message = `The run ended with ${type}, and an outcome that this client does not know.`;
  return { status: "failed", code: "OUTCOME_UNKNOWN", message };
}
