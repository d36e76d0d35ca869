const SHOWN_LINES = 20;

/** The end of what a process printed, to be put behind a sentence. */
export function lastOutput(output: string): string {
  const lines = output.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n    ");
  return lines === "" ? " It printed nothing." : `\n  The last it printed:\n    ${lines}`;
}
