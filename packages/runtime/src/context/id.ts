import { WatertightError } from "../errors.ts";
import { isId, MAX_ID_LENGTH } from "../internal/is-id.ts";

/**
 * Answers `value` if it is an id: well-formed text of 1 to 256 characters without control
 * characters. Ids are opaque: they are compared, never parsed. Throws WT_ID_INVALID without
 * repeating the value.
 */
export function checkId(name: string, value: unknown): string {
  if (isId(value)) return value;
  const found = typeof value === "string" ? `${value.length} characters` : typeof value;
  throw new WatertightError(
    "WT_ID_INVALID",
    `Expected \`${name}\` to be a text of 1 to ${MAX_ID_LENGTH} characters without control characters, got ${found}`,
  );
}
