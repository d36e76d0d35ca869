/** The most characters that an id may have. */
export const MAX_ID_LENGTH = 256;

/** Says whether `value` is an id: well-formed text of 1 to 256 characters, none a control character. */
export function isId(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > MAX_ID_LENGTH) return false;
  return !/[\p{Cc}\p{Cs}]/u.test(value);
}
