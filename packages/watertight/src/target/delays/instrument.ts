import { parseSync, Visitor } from "oxc-parser";
import { AWAIT_FUNCTION } from "./await-delays.ts";

/** What instrumented code tells at its end: its name, and whether it could be instrumented. */
export const FILE_FUNCTION = "__watertightFile";

/**
 * Puts a call around the operand of every `await` of a module. Lines stay where they are. What can't
 * be parsed, before or after, is answered as it came; either way the code tells how it went.
 */
export function instrument(file: string, text: string): string {
  const changed = wrapAwaits(file, text);
  const isSound = changed !== undefined && parseSync(file, changed).errors.length === 0;
  const outcome = `\n;globalThis.${FILE_FUNCTION}?.(${JSON.stringify(file)}, ${isSound});\n`;
  return (isSound ? changed : text) + outcome;
}

function wrapAwaits(file: string, text: string): string | undefined {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) return undefined;
  const insertions: { readonly at: number; readonly text: string }[] = [];
  const operands: { readonly start: number; readonly end: number }[] = [];
  new Visitor({ AwaitExpression: ({ argument }) => void operands.push(argument) }).visit(program);
  for (const { start, end } of operands) {
    insertions.push({ at: start, text: `globalThis.${AWAIT_FUNCTION}(` });
    insertions.push({ at: end, text: `, ${JSON.stringify(`${file}:${start}`)})` });
  }
  return insertAll(text, insertions);
}

/** At one place, what closes comes before what opens; of several that close, the inner one. */
function insertAll(
  text: string,
  insertions: readonly { readonly at: number; readonly text: string }[],
): string {
  let rest = 0;
  let result = "";
  for (const { at, text: inserted } of [...insertions].sort((a, b) => a.at - b.at)) {
    result += text.slice(rest, at) + inserted;
    rest = at;
  }
  return result + text.slice(rest);
}
