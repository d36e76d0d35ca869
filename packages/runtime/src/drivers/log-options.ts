import { createHmac, randomBytes } from "node:crypto";
import type { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { Retention } from "../event-log/event-log.ts";
import { wholeNumber } from "../internal/options.ts";

const MIN_SECRET_BYTES = 32;

/** Answers the retention with its defaults. Throws WT_OPTION_INVALID. */
export function resolveRetention(retention: Retention = {}): Readonly<Required<Retention>> {
  const { maxRecords = 10_000, maxBytes = 8 * 1024 * 1024, maxAgeMs = 86_400_000 } = retention;
  return Object.freeze({
    maxRecords: wholeNumber("retention.maxRecords", maxRecords),
    maxBytes: wholeNumber("retention.maxBytes", maxBytes),
    maxAgeMs: wholeNumber("retention.maxAgeMs", maxAgeMs),
  });
}

/** Answers the bytes of `secret`; throws WT_OPTION_INVALID if they are less than 32. */
export function resolveSecret(secret: string | Uint8Array): Uint8Array {
  const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const bytes = key instanceof Uint8Array ? key.byteLength : 0;
  if (bytes >= MIN_SECRET_BYTES) return key;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`secret\` to have at least ${MIN_SECRET_BYTES} bytes, got ${bytes}. Make one with: openssl rand -base64 48`,
  );
}

/** Makes the secret of a store that was given none. */
export function createSecret(): Uint8Array {
  return randomBytes(MIN_SECRET_BYTES);
}

/** Answers what the user's cursors are signed with: 32 bytes that tell nothing of the secret. */
export function deriveCursorKey(secret: Uint8Array, user: UserContext): Uint8Array {
  return createHmac("sha256", secret).update(user.key).digest();
}

/** Makes the name of a new epoch: 12 characters that are safe in URLs and headers. */
export function createEpoch(): string {
  return randomBytes(9).toString("base64url");
}

/** The longest that a log is kept in which nothing was ever written. */
const UNWRITTEN_MS = 3_600_000;

/**
 * How long after somebody was there a log is kept in which nothing was ever written: who was told
 * its position, and comes back, must not be told that events are missing.
 */
export function keepUnwrittenMs({ maxAgeMs }: Required<Retention>): number {
  return Math.min(maxAgeMs, UNWRITTEN_MS);
}
