import { AgentDevice, type RunRequest } from "../drivers/agent-device.ts";
import type { Observation } from "../observation.ts";
import { equalNames, lockstep, overlap } from "../patterns/pattern.ts";
import type { RunEvent } from "../run-event.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { ask, playScenario, type Task } from "./conversations.ts";
import { dieInTheMiddle } from "./scenario-checks.ts";
import { askFor } from "./solo-baseline.ts";
import { summarize } from "./summary.ts";

/** A leak that arrives late is a leak: this long nobody may receive anything before judgement. */
const LATE_LEAK_MS = 1000;

const eventRouting: Check = Object.freeze<Check>({
  id: "2.1",
  title: "event routing",
  needs: [],
  async run(bench: Bench): Promise<CheckOutcome> {
    const task = bench.config.agents === undefined ? playScenario(bench) : withMishaps(bench);
    const rounds = [];
    for (const pattern of [lockstep, overlap, equalNames]) {
      const result = await bench.play({ pattern, task, quietMs: LATE_LEAK_MS });
      rounds.push({ pattern: pattern.name, result });
    }
    return summarize(
      rounds,
      (events) =>
        `${events} frames, errors included, scanned a second after the last: ${bench.config.agents === undefined ? "nobody received anything of anybody else" : "each reached its owner, exactly once, in order"}`,
    );
  },
});

const deathNotifications: Check = Object.freeze<Check>({
  id: "2.2",
  title: "death notifications",
  needs: ["agents", "dying agent"],
  async run(bench: Bench): Promise<CheckOutcome> {
    const task: Task = (user, ledger) =>
      user.number % 5 === 0 ? dying(bench)(user, ledger) : listening(bench)(user, ledger);
    const result = await bench.play({ pattern: lockstep, task, quietMs: LATE_LEAK_MS });
    const deaths = bench.identities.filter(({ number }) => number % 5 === 0).length;
    return summarize(
      [{ pattern: lockstep.name, result }],
      () =>
        `${deaths} agents died; each owner heard it once, as a death, within ${bench.agents.deathWithinMs} ms, and nobody else`,
    );
  },
  onScenario: dieInTheMiddle,
});

/** Checks of where events arrive. */
export const category2: Category = Object.freeze({
  id: 2,
  title: "WebSocket event user isolation",
  checks: [eventRouting, deathNotifications],
});

/** Two runs at once, and everything that a clumsy client does wrong in between. */
function withMishaps(bench: Bench): Task {
  return async (user, ledger) => {
    const device = await AgentDevice.open(user, bench.agents.webSocket);
    const first = ask(bench, user, ledger, { device });
    const other = { device, run: "second-run", thread: "second-thread" };
    const second = ask(bench, user, ledger, other);
    const secret = user.canary("mishap");
    device.socket.send(`{"type":"run","broken":"${secret}`);
    device.socket.send({ type: `no-such-type-${secret}` });
    device.start(unknownAgent(user, secret));
    device.cancel(`no-such-run-${secret}`);
    await Promise.all([first, second]);
  };
}

function unknownAgent(user: SimulatedUser, secret: string): RunRequest {
  const agent = `no-such-agent-${secret}`;
  return { agent, threadId: user.nameFor("thread"), runId: user.nameFor("mishap"), text: secret };
}

/** The user's agent stops for ever; the user, and only this user, must be told. */
export function dying(bench: Bench): Task {
  return async (user, ledger) => {
    const { dies, answers, webSocket, deathWithinMs } = bench.agents;
    const device = await AgentDevice.open(user, webSocket);
    const runId = user.nameFor("run");
    device.start(askFor(user, dies ?? answers, runId, user.nameFor("thread")));
    const began = await device.began(runId);
    ledger.expectRun({ user, device, runId, shape: undefined });
    // With equal names an agent that dies before its first word says nothing that is the user's own.
    const secret = user.canary("run");
    if (runId.includes(secret)) ledger.expectOwn(user, device.socket.connection, secret);
    const end = await device.ended(runId).catch(() => undefined);
    const observation = judgeDeath(user, deathWithinMs, began, end);
    if (observation !== undefined) ledger.observe(observation);
  };
}

/** The others have a run of their own, which must end as if nobody had died. */
function listening(bench: Bench): Task {
  return async (user, ledger) => {
    const device = await AgentDevice.open(user, bench.agents.webSocket);
    await ask(bench, user, ledger, { device });
  };
}

function judgeDeath(
  user: SimulatedUser,
  withinMs: number,
  began: RunEvent,
  end: RunEvent | undefined,
): Observation | undefined {
  const about = { tier: "proved", to: user.name, occurrences: 1 } as const;
  const expected = `RUN_ERROR with code AGENT_DIED within ${withinMs} ms`;
  const tookMs = Math.round((end?.received.atMs ?? 0) - began.received.atMs);
  if (end === undefined || tookMs > withinMs) {
    const when = end === undefined ? "never" : `only after ${tookMs} ms`;
    const title = `${user.name} was ${when} told that the agent had died`;
    return { kind: "missing-death", title, expected, ...about };
  }
  if (end.event["code"] !== "AGENT_DIED") {
    const found = [end.type, end.event["code"]].filter(Boolean).join(" ");
    const title = `${user.name}'s dead agent was reported as ${found}`;
    return { kind: "wrong-death", title, expected, ...about };
  }
  return undefined;
}
