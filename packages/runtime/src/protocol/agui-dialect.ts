import { withoutNews } from "./old-dialect.ts";

/** What an AG-UI client understands: 1.0, or what those from before it do. */
export type Dialect = "1.0" | "0.0.5x";

/** The dialect of who sent that input: clients say theirs since 1.0. */
export function dialectOf(input: unknown): Dialect {
  const { protocolVersion } = Object(input) as { readonly protocolVersion?: unknown };
  const isModern = typeof protocolVersion === "string" && !protocolVersion.startsWith("0.");
  return isModern ? "1.0" : "0.0.5x";
}

/**
 * Puts the frame of an event, which is of 1.0, into a dialect. Its metadata stays as it is, and one
 * event stays one event, so that numbers have no gap and positions mean the same.
 */
export function speak(dialect: Dialect, frame: string): string {
  return dialect === "1.0" ? frame : withoutNews(frame);
}
