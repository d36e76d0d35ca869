import { findReusedSlots } from "../detectors/heap-graph/slots.ts";
import { MemoryLeakDetector } from "../detectors/memory-leak-detector.ts";
import type { Holder } from "../finding.ts";
import { AgentDevice } from "../drivers/agent-device.ts";
import { createDeferred } from "../internal/deferred.ts";
import type { Observation } from "../observation.ts";
import { overlap, type Pattern } from "../patterns/pattern.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { ask, everydayTask, playScenario, type Task } from "./conversations.ts";
import { reuse } from "./departures.ts";
import { few, growthIn, growthText, handlesIn, slotsIn } from "./memory-findings.ts";
import type { RoundLedger, RoundResult, SuiteObservation } from "./round.ts";
import { summarize } from "./summary.ts";
import type { Remains, Retained } from "./witness.ts";

const WARM_UP_WAVES = 2;
const WAVES = 8;
/** Fewer than five make no interval; where answers get lost and each wave takes its time, they must do. */
const FEW_WAVES = 5;
const SLOW_WAVE_MS = 4000;
const USERS_A_WAVE = 20;
const STAY_OR_LEAVE = 20;
const REUSERS = 6;

const comeAndLeave: Pattern = Object.freeze({ ...overlap, name: "come and leave" });
const thenReused: Pattern = Object.freeze({ ...overlap, name: "reaped, then reused" });
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
    const { result, left, retained, sessions } = await letSomeLeave(bench);
    const ref = { name: someLeave.name, seed: bench.seed };
    const visitors = bench.takeVisitors(REUSERS);
    const reused = await bench.play({
      pattern: thenReused,
      identities: visitors,
      task: reuse(bench, sessions),
    });
    const later = await bench.witness.retained(
      new Set(visitors.map(({ name }) => name)),
      bench.config.releaseWithinMs,
    );
    const outcome = summarize(
      [
        { pattern: someLeave.name, result },
        { pattern: thenReused.name, result: reused },
      ],
      () =>
        `${left.size} users left while as many stayed: nothing of theirs was held any more, and those who stayed were served as before`,
    );
    const kept = [
      ...retainedIn(retained.holders),
      ...slotsIn(findReusedSlots([retained.slots, later.slots])),
    ].map((seen): SuiteObservation => ({ ...seen, pattern: ref }));
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

interface Leaving {
  readonly result: RoundResult;
  readonly left: ReadonlySet<string>;
  readonly retained: Retained;
  /** Those of the ones who left. */
  readonly sessions: readonly string[];
}

/** Every second user leaves; the others stay, and ask once more when nothing of those is left. */
async function letSomeLeave(bench: Bench): Promise<Leaving> {
  const identities = bench.identities.slice(0, STAY_OR_LEAVE);
  const leaving = identities.filter(({ number }) => number % 2 === 0);
  const names = new Set(leaving.map(({ name }) => name));
  let retained: Retained = { holders: [], slots: [] };
  const gone = createDeferred<void>();
  const sessions: string[] = [];
  let leaves = 0;
  const leave = async (user: SimulatedUser, ledger: RoundLedger): Promise<void> => {
    try {
      const session = await visit(bench, user, ledger);
      if (session !== undefined) sessions.push(session);
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
  return { result, left: names, retained, sessions };
}

/** Comes, asks, and says in which session, if there is such a thing. */
async function visit(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
): Promise<string | undefined> {
  if (bench.config.agents === undefined) {
    await playScenario(bench)(user, ledger);
    return undefined;
  }
  const device = await AgentDevice.open(user, bench.agents.webSocket);
  await ask(bench, user, ledger, { device });
  return device.place.session;
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
