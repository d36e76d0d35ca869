import { Worker } from "node:worker_threads";
import { guardOnError, type OnError } from "../internal/on-error.ts";
import { callable, milliseconds, wholeNumber } from "../internal/options.ts";

/** What counts as a blocked loop, and who hears of it. */
export interface LoopWatchdogOptions {
  /** Milliseconds that the loop of this process may stand still, at least 10. */
  readonly loopBlockedMs: number;
  /** Called when the loop goes on again, with how long it stood still. */
  readonly onBlocked?: (blockedMs: number) => void;
  /** Where one line of JSON is written while the loop still stands: it names no user. Default: 2, stderr. */
  readonly fd?: number;
  /** Hears if `onBlocked` throws, or if the watchdog itself died. Default: nobody does. */
  readonly onError?: OnError;
}

/** Looks whether this process has a turn for anybody. */
export interface LoopWatchdog extends AsyncDisposable {
  /** Stops looking. Idempotent. */
  dispose(): Promise<void>;
}

/** Looks from outside of the loop, which says in `beat[0]` that it still goes around. */
const WATCH = `
  const { workerData: { shared, everyMs, loopBlockedMs, fd, pid } } = require("node:worker_threads");
  const beat = new Int32Array(shared);
  let last = Atomics.load(beat, 0);
  let since = performance.now();
  let isTold = false;
  for (;;) {
    Atomics.wait(beat, 1, 0, everyMs);
    if (Atomics.load(beat, 1) === 1) break;
    const now = Atomics.load(beat, 0);
    const blockedMs = Math.round(performance.now() - since);
    if (now !== last) {
      last = now;
      since = performance.now();
      isTold = false;
    } else if (blockedMs > loopBlockedMs && !isTold) {
      isTold = true;
      const line = { level: "warn", time: Date.now(), pid, msg: "event loop blocked", blockedMs };
      try {
        require("node:fs").writeSync(fd, JSON.stringify(line) + "\\n");
      } catch {}
    }
  }
`;

/**
 * Begins to look. An agent that runs inline and computes without end blocks everybody, and no timer of
 * this loop could say so: a thread does. Throws WT_OPTION_INVALID.
 */
export function createLoopWatchdog(options: LoopWatchdogOptions): LoopWatchdog {
  const { onBlocked = () => {}, fd = 2 } = options;
  const loopBlockedMs = wholeNumber(
    "loopBlockedMs",
    milliseconds("loopBlockedMs", options.loopBlockedMs),
    10,
  );
  callable("onBlocked", onBlocked);
  const onError = guardOnError(options.onError);
  const everyMs = Math.max(2, Math.floor(loopBlockedMs / 5));
  const shared = new SharedArrayBuffer(8);
  const beat = new Int32Array(shared);
  const workerData = { shared, everyMs, loopBlockedMs, fd, pid: process.pid };
  const worker = new Worker(WATCH, { eval: true, workerData, env: {}, execArgv: [] });
  worker.on("error", (error) => onError(error, { stage: "loop-watchdog" }));
  worker.unref();
  let last = performance.now();
  const timer = setInterval(() => {
    const blockedMs = Math.round(performance.now() - last - everyMs);
    last = performance.now();
    Atomics.add(beat, 0, 1);
    if (blockedMs <= loopBlockedMs) return;
    try {
      onBlocked(blockedMs);
    } catch (error) {
      onError(error, { stage: "loop-watchdog" });
    }
  }, everyMs).unref();
  const dispose = async (): Promise<void> => {
    clearInterval(timer);
    Atomics.store(beat, 1, 1);
    Atomics.notify(beat, 1);
    await worker.terminate();
  };
  return Object.freeze({ dispose, [Symbol.asyncDispose]: dispose });
}
