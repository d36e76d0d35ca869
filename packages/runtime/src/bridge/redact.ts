const SECRET_KEYS: ReadonlySet<string> = Object.freeze(
  new Set([
    "password",
    "passphrase",
    "secret",
    "clientsecret",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "apikey",
    "privatekey",
    "authorization",
    "cookie",
    "setcookie",
    "credential",
    "credentials",
  ]),
);
const REDACTED = "[redacted]";

/**
 * Answers a deep copy in which the value of every key that names a secret is `[redacted]`. Keys are
 * compared whole, ignoring case, `-` and `_`: `apiKey` and `API_KEY` are secrets, `keyboard` is not.
 * Lists are walked; the value itself is never changed.
 */
export function redactSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactSecrets);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]): [string, unknown] => {
    const isSecret = SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ""));
    return [key, isSecret ? REDACTED : redactSecrets(entry)];
  });
  return Object.fromEntries(entries);
}
