import type { RunAgentInput } from "@ag-ui/core";
import type { UserIdentity } from "../../context/user-context.ts";

/** What an agent in a cell, a thread or process of its own, is started with. */
export interface CellStart {
  /** A URL that `import()` takes. */
  readonly module: string;
  readonly exportName: string;
  readonly input: RunAgentInput;
  readonly user: Required<UserIdentity>;
  readonly threadId: string;
  readonly runId: string;
  readonly scopes: readonly string[] | undefined;
}

/** What the runtime says to a cell. */
export type ToCell =
  | { readonly type: "start"; readonly start: CellStart }
  /** The agent may yield so many events more. */
  | { readonly type: "credit"; readonly events: number }
  /** The run has ended: the agent's signal is to fire. */
  | { readonly type: "abort" };

/** What a cell says to the runtime. `value`, `event` and `tokens` are whatever the agent made of them: unchecked. */
export type FromCell =
  | { readonly type: "event"; readonly event: unknown }
  | { readonly type: "progress" }
  | { readonly type: "usage"; readonly tokens: unknown }
  | { readonly type: "return"; readonly value: unknown }
  /** The agent threw: its run failed. */
  | { readonly type: "throw"; readonly error: PlainError }
  /** Something threw beside the agent: nobody knows what of the cell still works. */
  | { readonly type: "crash"; readonly error: PlainError };

/** An error as it crosses the wall. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Writes down what was thrown, whatever it is. */
export function plainError(thrown: unknown): PlainError {
  if (thrown instanceof Error) {
    const { name, message, stack } = thrown;
    return { name: String(name), message: String(message), stack };
  }
  return { name: "Error", message: describe(thrown), stack: undefined };
}

/** Makes an error of what was written down. */
export function revive({ name, message, stack }: PlainError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something that can't be written";
  }
}
