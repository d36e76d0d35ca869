import { AssertionError } from "node:assert";

/** Where in the user's code something was asked for: the lines of a stack, without our own. */
export type Frames = string;

/** The frames above `asked`, which must be running. */
export function framesAbove(asked: (...parameters: never[]) => unknown): Frames {
  const place: { stack?: string } = {};
  Error.captureStackTrace(place, asked);
  return (place.stack ?? "").split("\n").slice(1).join("\n");
}

/** An `AssertionError` of `node:assert`, which every runner knows, at the place that asked. */
export function createAssertion(message: string, frames: Frames): AssertionError {
  const error = new AssertionError({ message });
  error.stack = `AssertionError: ${message}\n${frames}`;
  return error;
}
