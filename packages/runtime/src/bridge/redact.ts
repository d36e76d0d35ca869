const SECRET_KEYS: readonly string[] = Object.freeze([
  "password",
  "passwd",
  "passphrase",
  "secret",
  "secretkey",
  "clientsecret",
  "token",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "apikey",
  "xapikey",
  "privatekey",
  "authorization",
  "cookie",
  "setcookie",
  "credential",
  "credentials",
]);
const REDACTED = "[redacted]";

/**
 * Answers what JSON makes of `value`, with `[redacted]` for the value of every key that names a
 * secret. Keys are compared whole, ignoring case, `-` and `_`: `apiKey` and `API_KEY` are secrets,
 * `keyboard` is not. Lists are walked; the value itself is never changed. Throws what
 * `JSON.stringify` throws, for a circle or a BigInt.
 */
export function redactSecrets(value: unknown): unknown {
  const json = JSON.stringify(value, (key, entry: unknown) => {
    return SECRET_KEYS.includes(key.toLowerCase().replace(/[-_]/g, "")) ? REDACTED : entry;
  }) as string | undefined;
  return json === undefined ? undefined : JSON.parse(json);
}
