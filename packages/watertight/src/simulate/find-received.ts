import { createDeferred } from "../internal/deferred.ts";
import type { Received } from "../received.ts";

/** Something on which pieces arrive until it ends. */
export interface Line {
  readonly received: readonly Received[];
  onReceived(listener: (received: Received) => void): () => void;
}

/**
 * Resolves with the first piece, past or future, that `matches`; rejects with what `explain` says when the
 * line `ended` or `signal` is aborted.
 */
export async function findReceived(
  line: Line,
  matches: (received: Received) => boolean,
  {
    signal,
    ended,
    explain,
  }: { signal: AbortSignal; ended: Promise<unknown>; explain: () => string },
): Promise<Received> {
  const past = line.received.find(matches);
  if (past !== undefined) return past;
  const found = createDeferred<Received>();
  const giveUp = (): void => found.reject(new Error(explain()));
  const unregister = line.onReceived((received) => {
    if (matches(received)) found.resolve(received);
  });
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  void ended.then(giveUp);
  return found.promise.finally(() => {
    unregister();
    signal.removeEventListener("abort", giveUp);
  });
}
