/** What the server takes from its environment. */
export interface Settings {
  /** `PORT`, default 8080; 0 takes any free one. */
  readonly port: number;
  /** `HOST`, default 127.0.0.1. */
  readonly host: string;
  /** `JWT_SECRET`, default {@link DEVELOPMENT_SECRET}. */
  readonly secret: string;
  /** `ALLOWED_ORIGINS`, separated by commas; default: no browser gets in. */
  readonly allowedOrigins: readonly string[];
  /** `SESSION_IDLE_MS`, default 30 minutes. */
  readonly sessionIdleMs: number;
  /** `MAX_CONNECTIONS`, default 10,000. */
  readonly maxConnections: number;
  /** `AGENT_PROGRESS_TIMEOUT_MS`, default 2,000. */
  readonly progressTimeoutMs: number;
  /** `EVENT_LOG_FOLDER`, where events outlive the server; default: a folder that ends with it. */
  readonly eventLogFolder: string | undefined;
  /** `DRAIN_MS`, how long runs may go on when the server is told to stop; default 5,000. */
  readonly drainMs: number;
  /** `LOG_LEVEL`, default `silent`. */
  readonly logLevel: string;
}

/** Signs tokens on a developer's machine. Everybody can read it here, so it protects nothing. */
export const DEVELOPMENT_SECRET = "for development only: anybody can sign with this";

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings; throws a sentence that names the variable with a bad value. */
export function readSettings(environment: Environment): Settings {
  const number = (name: string, fallback: number): number =>
    wholeNumber(name, environment[name] ?? fallback);
  return Object.freeze({
    port: number("PORT", 8080),
    host: environment["HOST"] ?? "127.0.0.1",
    secret: environment["JWT_SECRET"] ?? DEVELOPMENT_SECRET,
    allowedOrigins: (environment["ALLOWED_ORIGINS"] ?? "").split(",").filter(Boolean),
    sessionIdleMs: number("SESSION_IDLE_MS", 30 * 60_000),
    maxConnections: number("MAX_CONNECTIONS", 10_000),
    progressTimeoutMs: number("AGENT_PROGRESS_TIMEOUT_MS", 2000),
    eventLogFolder: environment["EVENT_LOG_FOLDER"],
    drainMs: number("DRAIN_MS", 5000),
    logLevel: environment["LOG_LEVEL"] ?? "silent",
  });
}

function wholeNumber(name: string, value: string | number): number {
  const number = Number(value);
  if (value !== "" && Number.isInteger(number) && number >= 0) return number;
  throw new Error(`Expected ${name} to be a whole number of 0 or more, got \`${value}\`.`);
}
