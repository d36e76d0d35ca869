import { createSecretKeys, type SecretKeys } from "./redact-keys.ts";
import { redactText } from "./redact-text.ts";

/**
 * Answers `value` itself if JSON finds no secret in it, otherwise what JSON makes of it, with
 * `[redacted]` for the value of every key that names a secret, at any depth, in lists, and in texts
 * that are JSON themselves. The value is never changed. Throws what `JSON.stringify` throws, for a
 * circle or a BigInt.
 */
export function redactSecrets(value: unknown, keys: SecretKeys = createSecretKeys()): unknown {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return undefined;
  const redacted = redactText(json, keys);
  return redacted === json ? value : JSON.parse(redacted);
}
