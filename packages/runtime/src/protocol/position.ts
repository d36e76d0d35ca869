/**
 * Answers the frame of an event with its position in the user's log put into its metadata. `frame` is
 * JSON text whose last key is `metadata`, an object with at least one key, as the bridge writes it.
 */
export function withPosition(frame: string, position: string): string {
  return `${frame.slice(0, -2)},"position":"${position}"}}`;
}
