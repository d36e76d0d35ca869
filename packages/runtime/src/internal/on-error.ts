/** Hears of failures that no caller can be told of. What it throws itself is dropped. */
export type OnError = (error: unknown, where: { readonly stage: string }) => void;

/** Answers `onError` so wrapped that its own failure, thrown or rejected, ends nothing. */
export function guardOnError(onError: OnError = ignore): OnError {
  return (error, where) => {
    void (async () => onError(error, where))().catch(ignore);
  };
}

function ignore(): void {}
