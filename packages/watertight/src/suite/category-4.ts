import {
  HARMLESS_BYTES_PER_USER,
  MemoryLeakDetector,
  type ResourceLeak,
} from "../detectors/memory-leak-detector.ts";
import type { Holder, Measurement } from "../finding.ts";
import { createDeferred } from "../internal/deferred.ts";
import type { Observation } from "../observation.ts";
import { overlap, type Pattern } from "../patterns/pattern.ts";
import type { Trend } from "../report.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { everydayTask, type Task } from "./conversations.ts";
import type { RoundLedger, RoundResult, SuiteObservation } from "./round.ts";
import { summarize } from "./summary.ts";
import type { Remains } from "./witness.ts";

const WARM_UP_WAVES = 2;
const WAVES = 8;
/** Fewer than five make no interval; where answers get lost and each wave takes its time, they must do. */
const FEW_WAVES = 5;
const SLOW_WAVE_MS = 4000;
const USERS_A_WAVE = 20;
const STAY_OR_LEAVE = 20;
const MAX_HOLDERS = 4;

const comeAndLeave: Pattern = Object.freeze({ ...overlap, name: "come and leave" });
const someLeave: Pattern = Object.freeze({ ...overlap, name: "some leave, some stay" });

const managerMemoryBounds: Check = Object.freeze<Check>({
  id: "4.1",
  title: "manager memory bounds",
  needs: ["process"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const { rounds, detector, remains } = await watchWaves(bench);
    const { trend, users } = detector;
    bench.reportTrends({ afterLeaving: detector.points, perUserLeft: trend ?? null });
    const ref = { name: comeAndLeave.name, seed: bench.seed };
    const found = [...growthIn(detector, remains), ...handlesIn(detector, remains)];
    const outcome = summarize(
      rounds,
      () =>
        `${users} users came and left in waves of ${USERS_A_WAVE}: no object, handle, timer or table entry was left behind; ${growthText(detector)}`,
    );
    return {
      ...outcome,
      observations: [
        ...outcome.observations,
        ...found.map((seen): SuiteObservation => ({ ...seen, pattern: ref })),
      ],
    };
  },
});

const perUserMemoryIsolation: Check = Object.freeze<Check>({
  id: "4.2",
  title: "per-user memory isolation",
  needs: ["process"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const { result, left, retained } = await letSomeLeave(bench);
    const ref = { name: someLeave.name, seed: bench.seed };
    const outcome = summarize(
      [{ pattern: someLeave.name, result }],
      () =>
        `${left.size} users left while as many stayed: nothing of theirs was held any more, and those who stayed were served as before`,
    );
    const kept = retainedIn(retained).map((seen): SuiteObservation => ({ ...seen, pattern: ref }));
    return { ...outcome, observations: [...outcome.observations, ...kept] };
  },
});

/** Checks of what is left of users who have gone. */
export const category4: Category = Object.freeze({
  id: 4,
  title: "Memory leak prevention",
  checks: [managerMemoryBounds, perUserMemoryIsolation],
});

interface Waves {
  readonly rounds: readonly { readonly pattern: string; readonly result: RoundResult }[];
  readonly detector: MemoryLeakDetector;
  readonly remains: Remains;
}

/** Wave after wave of users who have never been there come, ask, and leave for good. */
async function watchWaves(bench: Bench): Promise<Waves> {
  const detector = new MemoryLeakDetector();
  const rounds: { pattern: string; result: RoundResult }[] = [];
  const play = async (): Promise<void> => {
    const result = await bench.play({
      pattern: comeAndLeave,
      identities: bench.takeVisitors(USERS_A_WAVE),
      task: everydayTask(bench),
    });
    rounds.push({ pattern: comeAndLeave.name, result });
  };
  const startedAt = performance.now();
  for (let wave = 0; wave < WARM_UP_WAVES; wave += 1) await play();
  const isSlow = performance.now() - startedAt > WARM_UP_WAVES * SLOW_WAVE_MS;
  const waves = isSlow ? FEW_WAVES : WAVES;
  const before = await bench.witness.remember();
  for (let wave = 0; wave < waves; wave += 1) {
    await play();
    const needs = await bench.witness.needs();
    detector.add({ usersLeft: (wave + 1) * USERS_A_WAVE, ...needs });
  }
  const { releaseWithinMs } = bench.config;
  const remains = await bench.witness.remains(before, waves * USERS_A_WAVE, releaseWithinMs);
  return { rounds, detector, remains };
}

/** Growth beyond a clean server's noise is a leak only if there are objects that make it. */
function growthIn(detector: MemoryLeakDetector, { classes }: Remains): readonly Observation[] {
  const { trend, users, grows } = detector;
  const held = classes.filter(({ kind }) => kind !== "timer" && kind !== "listener");
  const [worst] = held;
  if (!grows || trend === undefined || worst === undefined) return [];
  const others = held.length - 1;
  return [
    {
      kind: "heap-growth",
      tier: "retained",
      title: `Each user who leaves leaves ${formatBytes(trend.slope)} behind: ${counted(worst.perUser)} ${worst.name} (${worst.before} → ${worst.after} after ${users} users)${others > 0 ? ` and ${others} other kinds of objects` : ""}`,
      lacks: "nobody was seen to receive any of it",
      occurrences: worst.after - worst.before,
      expected: "memory to stay as it is when users come and leave",
      heldIn: few(held.flatMap(({ holders }) => holders)),
      measured: [slopeOf(trend)],
    },
  ];
}

function handlesIn(
  { resourceLeaks, users }: MemoryLeakDetector,
  { classes, tables }: Remains,
): readonly Observation[] {
  const handles = classes.filter(({ kind }) => kind === "timer" || kind === "listener");
  const left = [
    ...resourceLeaks.map((leak) => ({ ...leak, holders: [] as readonly Holder[] })),
    ...handles.map((grown) => ({ ...grown, name: `${grown.kind} ${grown.name}` })),
    ...tables.map((table) => ({
      ...table,
      name: `entry of ${table.holders[0]?.variable ?? `a ${table.kind}`}`,
      perUser: (table.after - table.before) / users,
    })),
  ];
  const [worst] = left;
  if (worst === undefined) return [];
  return [
    {
      kind: "handle-leak",
      tier: "retained",
      title: `Each user who leaves leaves ${counted(worst.perUser)} ${worst.name} behind: ${worst.before} before, ${worst.after} after ${users} users${left.length > 1 ? `; the same for ${left.length - 1} others` : ""}`,
      lacks: "nobody was seen to receive any of it",
      occurrences: worst.after - worst.before,
      expected: "no handle, timer, listener or table entry of a user who has left",
      heldIn: few(left.flatMap(({ holders }) => holders)),
      measured: left.slice(0, MAX_HOLDERS).map(countOf),
    },
  ];
}

function countOf({ name, perUser }: Pick<ResourceLeak, "name" | "perUser">): Measurement {
  return { name: `${name}, per user who left`, value: perUser, unit: "", limit: 0 };
}

interface Leaving {
  readonly result: RoundResult;
  readonly left: ReadonlySet<string>;
  readonly retained: readonly Holder[];
}

/** Every second user leaves; the others stay, and ask once more when nothing of those is left. */
async function letSomeLeave(bench: Bench): Promise<Leaving> {
  const identities = bench.identities.slice(0, STAY_OR_LEAVE);
  const leaving = identities.filter(({ number }) => number % 2 === 0);
  const names = new Set(leaving.map(({ name }) => name));
  let retained: readonly Holder[] = [];
  const gone = createDeferred<void>();
  let leaves = 0;
  const leave = async (user: SimulatedUser, ledger: RoundLedger): Promise<void> => {
    try {
      await everydayTask(bench)(user, ledger);
      await user.leave();
    } finally {
      leaves += 1;
      if (leaves === leaving.length) gone.resolve();
    }
  };
  const result = await bench.play({
    pattern: someLeave,
    identities,
    task: async (user, ledger) => {
      if (names.has(user.name)) return leave(user, ledger);
      await everydayTask(bench)(user, ledger);
      await gone.promise;
      await askAgain(bench)(user, ledger);
    },
    beforeLeaving: async () => {
      retained = await bench.witness.retained(names, bench.config.releaseWithinMs);
    },
  });
  return { result, left: names, retained };
}

/** Those who stay must not notice that others left. */
function askAgain(bench: Bench): Task {
  return everydayTask(bench, "again");
}

function retainedIn(holders: readonly Holder[]): readonly Observation[] {
  const [largest] = holders;
  if (largest === undefined) return [];
  return [
    {
      kind: "retained",
      tier: "retained",
      title: `Data of ${largest.users} users who left is still held in ${largest.variable} while others stay`,
      lacks: "seen in memory; nobody was seen to receive it",
      occurrences: largest.users,
      expected: "nothing of a user to be reachable once the user is gone",
      heldIn: few(holders),
    },
  ];
}

function slopeOf({ slope, low, high }: Trend): Measurement {
  const limit = HARMLESS_BYTES_PER_USER;
  return { name: "heap growth per user who left", value: slope, low, high, unit: "B", limit };
}

function growthText({ trend, grows }: MemoryLeakDetector): string {
  if (trend === undefined) return "memory was not measured";
  const { slope, low, high } = trend;
  const [value, from, to] = [slope, low, high].map((bytes) =>
    Math.round(bytes).toLocaleString("en"),
  );
  const text = `memory grew by ${value} bytes a user [${from}; ${to}]`;
  return grows ? `${text}, which no object of theirs explains: the engine learns the code` : text;
}

function few(holders: readonly Holder[]): readonly Holder[] {
  const places = new Map(
    holders.map((holder) => [`${holder.file ?? ""} ${holder.variable}`, holder] as const),
  );
  return [...places.values()].slice(0, MAX_HOLDERS);
}

function counted(perUser: number): string {
  const rounded = Math.round(perUser * 10) / 10;
  return rounded === 1 ? "one" : String(rounded);
}

function formatBytes(bytes: number): string {
  return bytes < 10_000 ? `${Math.round(bytes)} bytes` : `${Math.round(bytes / 1024)} KB`;
}
