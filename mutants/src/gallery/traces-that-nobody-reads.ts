import type { Mutant } from "../mutant.ts";

export const tracesThatNobodyReads: Mutant = {
  name: "traces that nobody reads",
  breaks:
    "Of every run the type and time of each event are kept for a page of statistics that was never built.",
  killedBy: "4.1",
  as: "heap-growth",
  changes: [
    {
      file: "execution/drive-run.ts",
      find: "type Events = AsyncIterator",
      replace: `const traces: { readonly type: string; readonly atMs: number }[][] = [];

type Events = AsyncIterator`,
    },
    {
      file: "execution/drive-run.ts",
      find: `  while (run.isActive) {
    const step`,
      replace: `  const trace: { type: string; atMs: number }[] = [];
  traces.push(trace);
  while (run.isActive) {
    const step`,
    },
    {
      file: "execution/drive-run.ts",
      find: `    run.progress();
    const tokens`,
      replace: `    run.progress();
    trace.push({ type: step.value.type, atMs: performance.now() });
    const tokens`,
    },
  ],
};
