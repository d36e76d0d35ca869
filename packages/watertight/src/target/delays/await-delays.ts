import { createHook } from "node:async_hooks";
import type { Delayer } from "./delayer.ts";

/** What instrumented code calls around the operand of each `await`. */
export const AWAIT_FUNCTION = "__watertightAwait";

/** Resources whose callbacks run within the turn of the event loop that scheduled them. */
const MICROTASKS: readonly string[] = Object.freeze(["PROMISE", "TickObject", "Microtask"]);

/**
 * Makes awaits of instrumented code wait, but only those that the event loop interrupted anyway:
 * whatever runs between is then an order that can happen without us. Delaying an await that only
 * crosses microtasks would show interleavings that no machine can produce.
 */
export function delayAwaits(delayer: Delayer, setTimer: typeof setTimeout): void {
  const turns = countTurns();
  const guard = (operand: unknown, place: string): unknown => {
    const ms = delayer.pause(place);
    if (ms === 0 || !isThenable(operand)) return operand;
    const began = turns();
    const wait = async (): Promise<void> => {
      if (turns() !== began) await new Promise((resolve) => setTimer(resolve, ms));
    };
    return Promise.resolve(operand).then(
      async (value: unknown) => {
        await wait();
        return value;
      },
      async (error: unknown) => {
        await wait();
        throw error;
      },
    );
  };
  Object.defineProperty(globalThis, AWAIT_FUNCTION, { value: guard });
}

/** A number that changes whenever the event loop calls back. */
function countTurns(): () => number {
  let turns = 0;
  const callbacks = new Set<number>();
  createHook({
    init(id, type) {
      if (!MICROTASKS.includes(type)) callbacks.add(id);
    },
    before(id) {
      if (callbacks.has(id)) turns += 1;
    },
    destroy(id) {
      callbacks.delete(id);
    },
  }).enable();
  return () => turns;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
