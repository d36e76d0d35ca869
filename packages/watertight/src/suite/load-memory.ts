import { theilSen } from "../detectors/statistics/theil-sen.ts";
import type { Holder } from "../finding.ts";
import { wait } from "../internal/wait.ts";
import type { Observation } from "../observation.ts";
import type { UserTask } from "../patterns/pattern.ts";
import type { MemoryPoint, Trend } from "../report.ts";
import type { Bench } from "./bench.ts";
import { everydayTask } from "./conversations.ts";
import type { RoundResult } from "./round.ts";
import { round } from "./load-findings.ts";

/** The memory of a server that fills up with users, step by step. */
export interface Filling {
  readonly points: readonly MemoryPoint[];
  readonly perUser: Trend | undefined;
  /** The same of the steps to half of the users, and of those from there on. */
  readonly lower: Trend | undefined;
  readonly upper: Trend | undefined;
  readonly heldIn: readonly Holder[];
  readonly result: RoundResult;
}

export const FILLING = "users join step by step";

const STEPS = 10;
const JOINING_AT_ONCE = 8;
/** A process that stands still to collect is not silent because it has nothing to say. */
const STIR_MS = 250;
const SETTLE_POLL_MS = 500;
/** A server has let go of those who left when it shrinks by less than this between two looks. */
const SETTLED_SHARE = 0.01;
/** With all users there, the next one may cost so many times what one of the first did. */
const STEEPER = 2;
/** Less is the noise of tables that grow by doubling. */
const NOISE_BYTES = 4096;

/** Lets everybody join, have one answer, and stay; measures memory after forced collection in between. */
export async function fillUp(bench: Bench): Promise<Filling> {
  await settle(bench);
  const users = bench.identities.length;
  const points: MemoryPoint[] = [];
  let heldIn: readonly Holder[] = [];
  let stir = (): void => {};
  const result = await bench.play({
    pattern: {
      name: FILLING,
      equalNames: false,
      schedule: async (tasks) => {
        for (let step = 0; step <= STEPS; step += 1) {
          const joined = points.at(-1)?.users ?? 0;
          const wanted = Math.round((users * step) / STEPS);
          if (step > 0 && wanted === joined) continue;
          await joinAll(tasks.slice(joined, wanted));
          points.push({ users: wanted, bytes: await measure(bench, () => stir()) });
        }
      },
    },
    task: everydayTask(bench),
    looksInside: true,
    onBegin: (capture) => (stir = () => capture.stir()),
    beforeLeaving: async () => {
      const filling = trendsOf(points);
      const limit = bench.config.limits.memoryPerUserBytes;
      if (isSteeper(filling) || isHeavy(filling, limit)) heldIn = await bench.sharedPlaces();
    },
  });
  return { points, ...trendsOf(points), heldIn, result };
}

type Trends = Pick<Filling, "perUser" | "lower" | "upper">;

function trendsOf(points: readonly MemoryPoint[]): Trends {
  const middle = points.length >> 1;
  const trend = (part: readonly MemoryPoint[]): Trend | undefined =>
    theilSen(part.map(({ users, bytes }) => ({ x: users, y: bytes })));
  return {
    perUser: trend(points),
    lower: trend(points.slice(0, middle + 1)),
    upper: trend(points.slice(middle)),
  };
}

/** Whether the users who come last cost more than the first did, beyond what noise can do. */
export function isSteeper({ lower, upper }: Trends): boolean {
  if (lower === undefined || upper === undefined) return false;
  const isBeyondNoise = upper.low > lower.high && upper.slope - lower.slope >= NOISE_BYTES;
  return isBeyondNoise && upper.slope >= STEEPER * lower.slope;
}

/** Whether each user costs more than the config allows. */
export function isHeavy({ perUser }: Trends, limit: number): boolean {
  return perUser !== undefined && perUser.low > limit;
}

export function memoryPerUser(filling: Filling, limit: number): Observation {
  const { perUser, lower, upper, heldIn, points } = filling;
  const users = points.at(-1)?.users ?? 0;
  const half = points[points.length >> 1]?.users ?? 0;
  const steeper = isSteeper(filling);
  const title =
    steeper && lower !== undefined && upper !== undefined
      ? `Beyond ${half} users each user costs ${bytes(upper.slope)}, up to there ${bytes(lower.slope)}: the more there are, the more each of them holds`
      : `Each of ${users} users costs ${bytes(perUser?.slope ?? 0)} of memory`;
  const measured = [
    measurement("memory per connected user", perUser, steeper ? undefined : limit),
    measurement(`memory per user, up to ${half}`, lower),
    measurement(
      `memory per user, beyond ${half}`,
      upper,
      steeper ? STEEPER * (lower?.slope ?? 0) : undefined,
    ),
  ].flat();
  return {
    kind: "memory-per-user",
    tier: "proved",
    title,
    occurrences: 1,
    expected: steeper
      ? "a user to cost the same memory, however many others are connected"
      : `at most ${bytes(limit)} for each user`,
    heldIn,
    measured,
  };
}

function measurement(
  name: string,
  trend: Trend | undefined,
  limit?: number,
): readonly NonNullable<Observation["measured"]>[number][] {
  if (trend === undefined) return [];
  const { slope, low, high } = trend;
  const value = {
    name,
    value: round(slope),
    low: round(low),
    high: round(high),
    unit: "B",
  } as const;
  return [limit === undefined ? value : { ...value, limit: round(limit) }];
}

export function bytes(value: number): string {
  const size = Math.abs(value);
  if (size < 1024) return `${round(value)} B`;
  return size < 1024 * 1024 ? `${round(value / 1024)} KB` : `${round(value / 1024 / 1024)} MB`;
}

/** Each user joins and stays: a task is over when the user has had an answer. */
async function joinAll(tasks: readonly UserTask[]): Promise<void> {
  const rest = [...tasks];
  const admit = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await next(() => Promise.resolve());
    }
  };
  await Promise.all(Array.from({ length: JOINING_AT_ONCE }, admit));
}

async function measure(bench: Bench, stir: () => void): Promise<number> {
  const timer = setInterval(stir, STIR_MS);
  try {
    return await bench.witness.memory();
  } finally {
    clearInterval(timer);
  }
}

/** Users of the round before are forgotten bit by bit; while they are, memory says nothing of those who come. */
async function settle({ witness, config }: Bench): Promise<void> {
  const deadline = performance.now() + config.releaseWithinMs;
  let before = await witness.memory();
  while (performance.now() < deadline) {
    await wait(SETTLE_POLL_MS);
    const now = await witness.memory();
    if (now > before * (1 - SETTLED_SHARE)) return;
    before = now;
  }
}
