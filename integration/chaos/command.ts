/** What a command line says and how the command is carried out. */
export interface Command<T> {
  /** Throws an Error that says what is wrong with the words. */
  readonly readOptions: (words: readonly string[]) => T;
  readonly usage: string;
  /** Answers the exit code. */
  readonly run: (options: T) => Promise<number>;
}

const PROGRESS_MS = 5000;

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Does what the command line says; the exit code is 2 for words that are not understood. */
export async function carryOut<T>({ readOptions, usage, run }: Command<T>): Promise<void> {
  let options: T;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    print(`${(error as Error).message}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  process.exitCode = await run(options);
}

/** Plays, tells how far it is, and stops what was played however it ends, also when the user breaks it off. */
export async function playAll<T>(
  played: { readonly play: () => Promise<T>; readonly stop: () => Promise<void> },
  progress: () => string,
): Promise<T> {
  const leave = (code: number) => () => void played.stop().finally(() => process.exit(code));
  process.once("SIGINT", leave(130)).once("SIGTERM", leave(143));
  const telling = setInterval(() => print(`  ${progress()}`), PROGRESS_MS);
  try {
    return await played.play();
  } finally {
    clearInterval(telling);
    await played.stop();
  }
}

/** Prints what keeps the outcome from proving anything; answers the exit code. */
export function conclude(found: number, missing: readonly string[]): number {
  for (const what of missing) print(`PROVES NOTHING: ${what}`);
  return found + missing.length === 0 ? 0 : 1;
}
