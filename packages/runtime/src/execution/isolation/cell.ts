import type { FromCell, ToCell } from "./cell-messages.ts";

/** A thread or process that one agent runs in, once. */
export interface Cell {
  /** Says something to it; what it can't hear any more is dropped. */
  send(message: ToCell): void;
  /** Ends it, by force once `graceMs` have passed; a second call counts only if it says 0. It tells that it is gone when it is. */
  kill(graceMs: number): void;
}

/** Where a cell is heard. */
export interface CellEars {
  readonly message: (message: FromCell) => void;
  /** Called once, when nothing of it is left. `cause` can be told to the owner of the run. */
  readonly gone: (cause: string, error?: unknown) => void;
}

/** Makes a cell. */
export type OpenCell = (ears: CellEars) => Cell;
