import { withWatchdog } from "../internal/watchdog.ts";

/** Something that ends: called once by the scope that owns it. */
export type Disposer = () => void | Promise<void>;

/** Answers how `value` is disposed, `Symbol.asyncDispose` before `Symbol.dispose`; `undefined` if it isn't. */
export function disposerOf(value: object): Disposer | undefined {
  const { [Symbol.asyncDispose]: asynchronous, [Symbol.dispose]: synchronous } = value as Partial<
    AsyncDisposable & Disposable
  >;
  if (asynchronous !== undefined) return async () => asynchronous.call(value);
  if (synchronous !== undefined) return () => synchronous.call(value);
  return undefined;
}

/**
 * Empties `disposers` from the last to the first, one that comes meanwhile included, and answers
 * what failed. Always finishes: one that takes longer than `timeoutMs` is left behind as failed.
 */
export async function runDisposers(
  disposers: Disposer[],
  timeoutMs: number,
  what: string,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (let dispose = disposers.pop(); dispose !== undefined; dispose = disposers.pop()) {
    try {
      const work = dispose();
      // A watchdog has a timer, which most disposers don't need: they are done by now.
      if (work !== undefined) await withWatchdog(Promise.resolve(work), timeoutMs, what);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
