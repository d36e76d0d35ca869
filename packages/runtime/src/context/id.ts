import { WatertightError } from "../errors.ts";

const MAX_ID_LENGTH = 256;

/**
 * Answers `value` if it is an id: a text of 1 to 256 characters without control characters. Ids are
 * opaque: they are compared, never parsed. Throws WT_ID_INVALID without repeating the value.
 */
export function checkId(name: string, value: unknown): string {
  if (typeof value === "string" && value.length > 0 && value.length <= MAX_ID_LENGTH) {
    // oxlint-disable-next-line no-control-regex -- control characters are what must be kept out
    if (!/[\u0000-\u001F\u007F]/.test(value)) return value;
  }
  const found = typeof value === "string" ? `${value.length} characters` : typeof value;
  throw new WatertightError(
    "WT_ID_INVALID",
    `Expected \`${name}\` to be a text of 1 to ${MAX_ID_LENGTH} characters without control characters, got ${found}`,
  );
}
