/** A sign of life: a comment, which no client takes for an event. */
export const SSE_PING = ": ping\n\n";

/**
 * The block of an event. `json` MUST be one line, as `JSON.stringify` writes it; lines end with LF
 * alone, because stock AG-UI clients know no other. A client hands `position` in to go on after it.
 */
export function sseEvent(position: string, json: string): string {
  return `id: ${position}\ndata: ${json}\n\n`;
}

/** The block of something that is no event of a run: listeners of messages don't see it. */
export function sseNamed(name: string, json: string, position?: string): string {
  const id = position === undefined ? "" : `id: ${position}\n`;
  return `event: ${name}\n${id}data: ${json}\n\n`;
}

/** How long a client that lost its line should wait before it comes back. */
export function sseRetry(afterMs: number): string {
  return `retry: ${afterMs}\n\n`;
}

/** A remark for people who read the bytes. */
export function sseComment(text: string): string {
  return `: ${text}\n\n`;
}
