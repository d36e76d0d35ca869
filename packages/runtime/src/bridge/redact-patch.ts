import { redactSecrets } from "./redact.ts";
import type { SecretKeys } from "./redact-keys.ts";
import { REDACTED } from "./redact-text.ts";

interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
}

/**
 * Redacts a JSON patch so that it still fits a document that was redacted: there, all that lay under
 * the key of a secret is one `[redacted]`. Changes beneath such a key become one of the key itself,
 * and what is moved or copied to or from there arrives as `[redacted]`. Answers `patch` itself if
 * there is no secret in it. Throws what `JSON.stringify` throws.
 */
export function redactPatch(patch: unknown, keys: SecretKeys): unknown {
  const operations = plain(patch);
  if (!Array.isArray(operations)) return redactSecrets(patch, keys);
  const redacted = operations.map((operation) => redactOperation(operation, keys));
  const isSame = redacted.every((list, at) => list.length === 1 && list[0] === operations[at]);
  return isSame ? patch : redacted.flat();
}

function redactOperation(operation: unknown, keys: SecretKeys): readonly unknown[] {
  const { op, path, from } = Object(operation) as Operation;
  const to = secretIn(path, keys);
  const out = secretIn(from, keys);
  if (to === undefined && out === undefined) return [redactSecrets(operation, keys)];
  if (op === "move" || op === "copy") {
    const taken = op === "move" && (out === undefined || out === from);
    const put = { op: "add", path: to ?? path, value: REDACTED };
    return taken ? [{ op: "remove", path: from }, put] : [put];
  }
  if (op === "remove" && to === path) {
    return Object.keys(operation as object).length === 2 ? [operation] : [{ op, path }];
  }
  const isTest = op === "test";
  // The key may be new to the document: `add` suits both.
  return [{ op: isTest || to === path ? op : "add", path: to ?? path, value: REDACTED }];
}

/** The place of the first key in a JSON pointer that names a secret, as a pointer. */
function secretIn(pointer: unknown, keys: SecretKeys): string | undefined {
  if (typeof pointer !== "string") return undefined;
  const parts = pointer.split("/");
  const at = parts.findIndex((part) => keys.has(part.replaceAll("~1", "/").replaceAll("~0", "~")));
  return at < 0 ? undefined : parts.slice(0, at + 1).join("/");
}

function plain(value: unknown): unknown {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? undefined : JSON.parse(json);
}
