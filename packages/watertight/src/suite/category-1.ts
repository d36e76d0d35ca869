import { AgentDevice } from "../drivers/agent-device.ts";
import type { Observation } from "../observation.ts";
import { equalNames, lockstep, overlap } from "../patterns/pattern.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import { withBorrowedIds } from "./borrowed-ids.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import {
  ask,
  askOnce,
  everydayTask,
  reconnectInTheMiddle,
  startSlow,
  type Task,
} from "./conversations.ts";
import { reloadStorm, someVanish } from "./departures.ts";
import { inARow, type PlayedRound, playRound, strangerAfterwards } from "./played-round.ts";
import { confuseConnections, confuseNames, scheduleScenario } from "./scenario-checks.ts";
import { askFor } from "./solo-baseline.ts";
import { median, summarize } from "./summary.ts";

const BESIDE_A_SLOW_RUN = 10;

const concurrentUserExecution: Check = Object.freeze<Check>({
  id: "1.1",
  title: "concurrent user execution",
  needs: [],
  async run(bench: Bench): Promise<CheckOutcome> {
    const task = everydayTask(bench);
    const first = await inARow(bench);
    // What they leave unfinished must not come up in the rounds that follow.
    const abort = { ...overlap, name: "abort in flight" };
    const usualMs = median(first.result.durationsMs);
    const rounds = [
      first,
      await playRound(bench, { pattern: abort, task: someVanish(bench, usualMs) }),
    ];
    for (const pattern of [lockstep, overlap, equalNames]) {
      rounds.push(await playRound(bench, { pattern, task }));
    }
    rounds.push(await strangerAfterwards(bench));
    if (bench.config.agents?.slow !== undefined) {
      rounds.push(await besideASlowRun(bench));
      const reconnect = { ...overlap, name: "reconnect" };
      rounds.push(
        await playRound(bench, { pattern: reconnect, task: reconnectInTheMiddle(bench) }),
      );
    }
    return summarize(
      rounds,
      (events) =>
        `${bench.identities.length} users in ${rounds.length} schedules: ${events} frames scanned, every one its owner's`,
    );
  },
  onScenario: scheduleScenario,
});

const agentExecutionRegistry: Check = Object.freeze<Check>({
  id: "1.2",
  title: "agent execution registry",
  needs: ["agents", "slow agent"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const borrowed = { ...overlap, name: "borrowed ids" };
    const rounds = [
      await playRound(bench, { pattern: equalNames, task: askTwice(bench) }),
      await playRound(bench, { pattern: borrowed, task: withBorrowedIds(bench) }),
    ];
    return summarize(
      rounds,
      () =>
        `equal run ids of ${bench.identities.length} users stay apart, a repeated start starts nothing, nobody cancels another's run, or hears it by another's session`,
    );
  },
  onScenario: confuseNames,
});

const webSocketBridge: Check = Object.freeze<Check>({
  id: "1.3",
  title: "websocket bridge",
  needs: ["agents"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const rounds = [];
    for (const pattern of [overlap, equalNames]) {
      rounds.push(await playRound(bench, { pattern, task: onTwoDevices(bench) }));
    }
    const storm = { ...overlap, name: "reload storm" };
    rounds.push(await playRound(bench, { pattern: storm, task: reloadStorm(bench) }));
    return summarize(
      rounds,
      () =>
        `both devices of each of ${bench.identities.length} users heard both of the user's runs, whole and in order, and nobody else's`,
    );
  },
  onScenario: confuseConnections,
});

/** Checks of what many users do at once. */
export const category1: Category = Object.freeze({
  id: 1,
  title: "Concurrent user execution isolation",
  checks: [concurrentUserExecution, agentExecutionRegistry, webSocketBridge],
});

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
  return playRound(bench, { pattern, task, identities: [...first, ...others] });
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
