import { checkTarget, type Checked, fewAtOnce } from "./check-target.ts";

/** Something that the suite promises of itself, and how to see whether it is kept. */
export interface Part {
  readonly name: string;
  readonly promise: string;
  readonly run: (onStep: (step: string) => void) => Promise<Outcome>;
}

interface Outcome {
  readonly isKept: boolean;
  /** What was seen, with numbers. */
  readonly seen: string;
}

export interface Extent {
  readonly seeds: number;
  readonly runs: number;
  readonly atOnce: number;
}

const EVERYTHING_SEEDS = 5;

/** All promises, the quick ones first. */
export function everyPart(extent: Extent): readonly Part[] {
  return [echo, silent, errors, busy(extent), everything(extent), repeat(extent)];
}

const echo: Part = Object.freeze({
  name: "echo",
  promise: "a server that gives everybody their own words back has no finding",
  run: async (): Promise<Outcome> => {
    const { exitCode, findings, received } = await checkTarget("integration/targets/echo", [
      "--users",
      "20",
    ]);
    return {
      isKept: exitCode === 0 && findings.length === 0 && received > 0,
      seen: `exit ${exitCode}, ${findings.length} findings, ${received} own secrets came home`,
    };
  },
});

const silent: Part = Object.freeze({
  name: "silent",
  promise: "a server that takes every connection and does nothing passes no check",
  run: async (): Promise<Outcome> => {
    const { exitCode, verdicts } = await checkTarget("integration/targets/do-nothing", [
      "--users",
      "4",
    ]);
    const passed = verdicts.filter((verdict) => verdict === "passed").length;
    const failed = verdicts.filter((verdict) => verdict === "failed").length;
    return {
      isKept: exitCode === 1 && passed === 0 && failed > 0,
      seen: `exit ${exitCode}; of ${verdicts.length} checks ${passed} passed, ${failed} failed, the others were inconclusive`,
    };
  },
});

const errors: Part = Object.freeze({
  name: "errors",
  promise: "a server that answers errors only is inconclusive, exit code 3",
  run: async (): Promise<Outcome> => {
    const { exitCode, findings, verdicts } = await checkTarget("integration/targets/only-errors", [
      "--users",
      "6",
    ]);
    return {
      isKept: exitCode === 3 && verdicts.every((verdict) => verdict === "inconclusive"),
      seen: `exit ${exitCode}, ${findings.length} findings, verdicts: ${verdicts.join(", ")}`,
    };
  },
});

function busy({ seeds, atOnce }: Extent): Part {
  return {
    name: "busy",
    promise: `a correct server that shares caches, a pool, a batcher, a limiter and a log has no finding in ${seeds} seeds`,
    run: (onStep) =>
      manySeeds(onStep, { seeds, atOnce, words: ["--only", "1.1,2.1", "--users", "8"] }),
  };
}

function everything({ seeds, atOnce }: Extent): Part {
  const count = Math.min(seeds, EVERYTHING_SEEDS);
  const words = ["--only", "4,5.1,6,7", "--users", "12"];
  return {
    name: "everything",
    promise: `nor has it in memory, races, performance and everything at once, in ${count} seeds`,
    // One at a time: what is measured is time.
    run: (onStep) => manySeeds(onStep, { seeds: count, atOnce: Math.min(1, atOnce), words }),
  };
}

interface Series {
  readonly seeds: number;
  readonly atOnce: number;
  readonly words: readonly string[];
}

async function manySeeds(
  onStep: (step: string) => void,
  { seeds, atOnce, words }: Series,
): Promise<Outcome> {
  const all = await fewAtOnce(atOnce, seeds, async (seed) => {
    const checked = await checkTarget("integration/targets/busy", [
      ...words,
      "--seed",
      String(seed),
    ]);
    if (checked.exitCode !== 0) onStep(`seed ${seed}: exit ${checked.exitCode}: ${tell(checked)}`);
    return checked;
  });
  const green = all.filter(({ exitCode }) => exitCode === 0).length;
  const findings = all.flatMap((checked) => checked.findings);
  return {
    isKept: green === seeds && findings.length === 0,
    seen: `${green} of ${seeds} passed, ${findings.length} findings`,
  };
}

function repeat({ runs, atOnce }: Extent): Part {
  const targets = [
    ["integration/targets/last-writer", "--users", "8"],
    ["integration/targets/broadcast", "--users", "5"],
    ["integration/targets/busy", "--only", "1.1,5.1", "--users", "6"],
  ] as const;
  return {
    name: "repeat",
    promise: `the same seed gives the same verdict in ${runs} of ${runs} runs`,
    run: async (onStep): Promise<Outcome> => {
      const seen: string[] = [];
      let isKept = true;
      for (const [target, ...words] of targets) {
        const all = await fewAtOnce(atOnce, runs, () =>
          checkTarget(target, [...words, "--seed", "4242"]),
        );
        const most = Math.max(...countVerdicts(all).values());
        isKept &&= most === runs;
        seen.push(`${target.split("/").at(-1)} ${most} of ${runs}`);
        onStep(
          `${target}: ${[...countVerdicts(all)].map(([text, n]) => `${n} × ${text}`).join("; ")}`,
        );
      }
      return { isKept, seen: seen.join(", ") };
    },
  };
}

function countVerdicts(all: readonly Checked[]): ReadonlyMap<string, number> {
  const count = new Map<string, number>();
  for (const { verdicts } of all) {
    const text = verdicts.join(" ");
    count.set(text, (count.get(text) ?? 0) + 1);
  }
  return count;
}

function tell({ findings, reasons }: Checked): string {
  return [...findings, ...reasons][0] ?? "nothing was said";
}
