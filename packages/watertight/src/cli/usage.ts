import { ToolError } from "../errors.ts";

/** The error of a command line that can't be understood: what was expected, and where it is explained. */
export function usage(problem: string): ToolError {
  return new ToolError("WT_USAGE", `Expected ${problem}. See: npx watertight --help`);
}
