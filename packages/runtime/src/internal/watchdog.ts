/** Resolves with what `work` resolves with, or rejects once `ms` milliseconds have passed. */
export async function withWatchdog<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const barking = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not finish within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, barking]);
  } finally {
    clearTimeout(timer);
  }
}
