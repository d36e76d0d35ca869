import { AgentDevice, type DevicePlace } from "../drivers/agent-device.ts";
import { createDeferred, type Deferred } from "../internal/deferred.ts";
import type { Observation } from "../observation.ts";
import {
  equalNames,
  lockstep,
  oneAfterAnother,
  overlap,
  type Pattern,
} from "../patterns/pattern.ts";
import type { SimulatedUser, UserIdentity } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { ask, askOnce, everydayTask, reconnectInTheMiddle, type Task } from "./conversations.ts";
import { anonymous, reloadStorm, someVanish } from "./departures.ts";
import type { RoundLedger, RoundResult } from "./round.ts";
import { askFor } from "./solo-baseline.ts";
import { median, summarize } from "./summary.ts";

/** Enough to see that one user's state outlives the turn; a thousand in a row would show no more. */
const IN_A_ROW = 12;
const BESIDE_A_SLOW_RUN = 10;

const concurrentUserExecution: Check = Object.freeze<Check>({
  id: "1.1",
  title: "concurrent user execution",
  needs: [],
  async run(bench: Bench): Promise<CheckOutcome> {
    const task = everydayTask(bench);
    const inARow = bench.identities.slice(0, IN_A_ROW);
    const first = await playRound(bench, oneAfterAnother, task, inARow);
    // What they leave unfinished must not come up in the rounds that follow.
    const abort = { ...overlap, name: "abort in flight" };
    const usualMs = median(first.result.durationsMs);
    const rounds = [first, await playRound(bench, abort, someVanish(bench, usualMs))];
    for (const pattern of [lockstep, overlap, equalNames]) {
      rounds.push(await playRound(bench, pattern, task));
    }
    rounds.push(await afterwards(bench));
    if (bench.config.agents?.slow !== undefined) {
      rounds.push(await besideASlowRun(bench));
      const reconnect = { ...overlap, name: "reconnect" };
      rounds.push(await playRound(bench, reconnect, reconnectInTheMiddle(bench)));
    }
    return summarize(
      rounds,
      (events) =>
        `${bench.identities.length} users in ${rounds.length} schedules: ${events} frames scanned, every one its owner's`,
    );
  },
});

const agentExecutionRegistry: Check = Object.freeze<Check>({
  id: "1.2",
  title: "agent execution registry",
  needs: ["agents", "slow agent"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const rounds = [
      await playRound(bench, equalNames, askTwice(bench)),
      await playRound(bench, { ...overlap, name: "borrowed ids" }, ...withBorrowedIds(bench)),
    ];
    return summarize(
      rounds,
      () =>
        `equal run ids of ${bench.identities.length} users stay apart, a repeated start starts nothing, nobody cancels another's run, or hears it by another's session`,
    );
  },
});

const webSocketBridge: Check = Object.freeze<Check>({
  id: "1.3",
  title: "websocket bridge",
  needs: ["agents"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const rounds = [];
    for (const pattern of [overlap, equalNames]) {
      rounds.push(await playRound(bench, pattern, onTwoDevices(bench)));
    }
    const storm = { ...overlap, name: "reload storm" };
    rounds.push(await playRound(bench, storm, reloadStorm(bench)));
    return summarize(
      rounds,
      () =>
        `both devices of each of ${bench.identities.length} users heard both of the user's runs, whole and in order, and nobody else's`,
    );
  },
});

/** Checks of what many users do at once. */
export const category1: Category = Object.freeze({
  id: 1,
  title: "Concurrent user execution isolation",
  checks: [concurrentUserExecution, agentExecutionRegistry, webSocketBridge],
});

interface PlayedRound {
  readonly pattern: string;
  readonly result: RoundResult;
}

async function playRound(
  bench: Bench,
  pattern: Pattern,
  task: Task,
  identities?: readonly UserIdentity[],
): Promise<PlayedRound> {
  const result = await bench.play({
    pattern,
    task,
    ...(identities === undefined ? {} : { identities }),
  });
  return { pattern: pattern.name, result };
}

/** Everybody has gone, and somebody comes who does not even sign in. */
async function afterwards(bench: Bench): Promise<PlayedRound> {
  const pattern = { ...oneAfterAnother, name: "anonymous afterwards" };
  const result = await bench.play({
    pattern,
    // One alone: a server may take all who don't say who they are for the same guest.
    identities: bench.takeVisitors(1),
    task: anonymous(bench),
    isAnonymous: true,
  });
  return { pattern: pattern.name, result };
}

/** While one user's slow run goes on, others come, ask, and must be done before it is. */
async function besideASlowRun(bench: Bench): Promise<PlayedRound> {
  const others = bench.identities.slice(1, 1 + BESIDE_A_SLOW_RUN);
  const first = bench.identities.slice(0, 1);
  let slowBegan: (value?: unknown) => void = () => {};
  const underWay = new Promise((resolve) => (slowBegan = resolve));
  let slowEndedAt = Number.POSITIVE_INFINITY;
  const slowOne: Task = async (user, ledger) => {
    try {
      const device = await AgentDevice.open(user, bench.agents.webSocket);
      await startSlow(bench, user, ledger, device);
      slowBegan();
      await device.ended(user.nameFor("run"));
      slowEndedAt = performance.now();
    } finally {
      slowBegan();
    }
  };
  const quickOne: Task = async (user, ledger) => {
    await underWay;
    await askOnce(bench)(user, ledger);
    if (performance.now() > slowEndedAt) ledger.observe(blocked(user, bench));
  };
  const pattern = { ...overlap, name: "beside a slow run" };
  const task: Task = (user, ledger) => (user.number === 0 ? slowOne : quickOne)(user, ledger);
  return playRound(bench, pattern, task, [...first, ...others]);
}

async function startSlow(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
  device: AgentDevice,
): Promise<void> {
  const runId = user.nameFor("run");
  ledger.expectRun({ user, device, runId, shape: undefined });
  ledger.expectOwn(user, device.socket.connection, user.canary("question"));
  const call = bench.agents.slow ?? bench.agents.answers;
  device.start(askFor(user, call, runId, user.nameFor("thread")));
  await device.began(runId);
}

function blocked(user: SimulatedUser, bench: Bench): Observation {
  const slow = bench.identities[0]?.name ?? "user-00";
  return {
    kind: "blocked",
    tier: "proved",
    title: `${user.name} had to wait until ${slow}'s slow run was over`,
    from: slow,
    to: user.name,
    occurrences: 1,
    expected: "a user's short run to end while another user's long run goes on",
  };
}

/** A client that lost its patience repeats its start; that must not start a second run. */
function askTwice(bench: Bench): Task {
  return async (user, ledger) => {
    const device = await AgentDevice.open(user, bench.agents.webSocket);
    const runId = user.nameFor("run");
    const again = askFor(user, bench.agents.answers, runId, user.nameFor("thread"));
    const asked = ask(bench, user, ledger, { device });
    device.start(again);
    await asked;
    device.start(again);
  };
}

/** What a thief takes from a victim whose slow run has begun. */
interface Loot {
  readonly runId: string;
  readonly secret: string;
  readonly place: DevicePlace;
}

/** A user who will be robbed: resolves with the loot, or with nothing if there never was any. */
interface Victim {
  readonly began: Deferred<Loot | undefined>;
  readonly ended: Deferred<void>;
}

/**
 * Every other user runs something slow; the next one takes the ids from them, comes with the other's
 * session, and tries to cancel the run. The owner must not notice anything, the thief must hear
 * nothing, and the thief's own run must be as good as ever.
 */
function withBorrowedIds(bench: Bench): [Task] {
  const even = bench.identities.filter(({ number }) => number % 2 === 0);
  const victims = new Map<number, Victim>(
    even.map(({ number }) => [number, { began: createDeferred(), ended: createDeferred() }]),
  );
  return [
    async (user, ledger) => {
      const itself = victims.get(user.number);
      if (itself === undefined) return steal(bench, user, ledger, victims.get(user.number - 1));
      try {
        await beRobbed(bench, user, ledger, itself);
      } finally {
        itself.began.resolve(undefined);
        itself.ended.resolve();
      }
    },
  ];
}

async function beRobbed(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
  { began }: Victim,
): Promise<void> {
  const device = await AgentDevice.open(user, bench.agents.webSocket);
  await startSlow(bench, user, ledger, device);
  const runId = user.nameFor("run");
  began.resolve({ runId, secret: user.canary("run"), place: device.place });
  const end = await device.ended(runId);
  if (isCancelled(end.event)) ledger.observe(foreignCancel(user, bench));
}

/** A server may refuse a thief without a word: once the victim is done, there is nothing to wait for. */
async function steal(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
  victim: Victim | undefined,
): Promise<void> {
  const loot = await victim?.began.promise;
  const device = await AgentDevice.open(user, bench.agents.webSocket);
  if (victim !== undefined && loot !== undefined) {
    ledger.borrow(user, loot.secret);
    for (const place of keysOf(loot.place)) {
      const intruder = AgentDevice.open(user, bench.agents.webSocket, place);
      await Promise.race([intruder.catch(() => {}), victim.ended.promise]);
    }
    device.cancel(loot.runId);
    const refusal = device.refused(({ code }) => typeof code === "string");
    await Promise.race([refusal, victim.ended.promise]);
  }
  await ask(bench, user, ledger, { device });
}

/** Each by itself: a server that refuses a foreign position may still let in with a foreign session. */
function keysOf({ session, after }: DevicePlace): DevicePlace[] {
  return [
    ...(session === undefined ? [] : [{ session }]),
    ...(after === undefined ? [] : [{ after }]),
  ];
}

/** A run may also fail by itself: only an end that speaks of a cancel is the thief's work. */
function isCancelled({ outcome, code }: Readonly<Record<string, unknown>>): boolean {
  return /cancel|abort/i.test(JSON.stringify([outcome, code]));
}

function foreignCancel(owner: SimulatedUser, bench: Bench): Observation {
  const thief = bench.identities[owner.number + 1]?.name ?? "another user";
  return {
    kind: "foreign-access",
    tier: "proved",
    title: `${thief} cancelled a run that belongs to ${owner.name}`,
    from: owner.name,
    to: thief,
    occurrences: 1,
    expected: "someone else's run id to be answered like one that does not exist",
  };
}

/** Two devices, a run started on each, on threads of their own; each device hears both runs. */
function onTwoDevices(bench: Bench): Task {
  return async (user, ledger) => {
    const path = bench.agents.webSocket;
    const phone = await AgentDevice.open(user, path);
    const laptop = await AgentDevice.open(user, path);
    const heardOn = [phone, laptop];
    const first = ask(bench, user, ledger, { device: phone, heardOn });
    const other = { device: laptop, heardOn, run: "second-run", thread: "second-thread" };
    await Promise.all([first, ask(bench, user, ledger, other)]);
  };
}
