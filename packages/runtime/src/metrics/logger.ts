/**
 * Where the runtime writes log lines; a `pino` logger is one. What it is given are ids, codes, counts
 * and times, never what a user or an agent said.
 */
export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Writes nothing. */
export const SILENT: Logger = Object.freeze<Logger>({
  info: () => {},
  warn: () => {},
  error: () => {},
});
