import type { AssertionError } from "node:assert";
import { ToolError } from "../errors.ts";
import { groupBy } from "../internal/group-by.ts";
import { createAssertion, type Frames } from "../laws/assertion.ts";
import type { IsolationTestResult } from "../report.ts";
import { findingBlock } from "../reporters/finding-text.ts";

/** What to tell of a check that did not pass: a finding of each kind, as the command line prints it. */
export function explainFailure(result: IsolationTestResult, frames: Frames): AssertionError {
  const { id, title, verdict, reason, findings } = result;
  if (verdict === "inconclusive") {
    const hint =
      "What proves nothing is not green: give it what it lacks, or leave it out with `only`.";
    return createAssertion(`${id} ${title}: inconclusive\n${reason}\n${hint}`, frames);
  }
  const shown = [...groupBy(findings, ({ kind }) => kind).values()].flatMap(
    ([first]) => first ?? [],
  );
  const others = findings.length - shown.length;
  const rest = others === 0 ? [] : [`… and ${others} more like these`];
  const blocks = [`${id} ${title}: ${reason}`, ...shown.map(findingBlock), ...rest];
  return createAssertion(blocks.join("\n\n"), frames);
}

/** The same error for one test of many, at the place that asked: what stands between is ours. */
export function explainToolError({ code, message }: ToolError, frames: Frames): ToolError {
  const error = new ToolError(code, `${message} (${code})`);
  error.stack = `${error.name}: ${error.message}\n${frames}`;
  return error;
}
