/**
 * What a target sent, on one line and without control characters: it can't move a terminal's cursor
 * or begin a line of its own.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, " ");
}

/** `4,412`, `94.5`, `0.0914`: three digits are enough, and whole numbers keep theirs. */
export function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) {
    return Math.round(value).toLocaleString("en-US");
  }
  return String(Number(value.toPrecision(3)));
}

/** `1 user`, `50 users`. */
export function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
