import { frameEvidence } from "../detectors/delivery.ts";
import { AgentDevice } from "../drivers/agent-device.ts";
import type { Observation } from "../observation.ts";
import { isCancelled, type RunEvent } from "../run-event.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { RoundLedger } from "./round.ts";
import { askFor } from "./solo-baseline.ts";

/** What one user does in a round. */
export type Task = (user: SimulatedUser, ledger: RoundLedger) => Promise<void>;

/** Which of a user's runs, and on which devices it must be heard. */
export interface AnsweredRun {
  readonly device: AgentDevice;
  /** Default: `device` alone. */
  readonly heardOn?: readonly AgentDevice[];
  readonly run?: string;
  readonly thread?: string;
}

/**
 * The user asks, and must get the whole answer, once, in order, with the user's own secret in it.
 * Resolves when the run has ended on every device.
 */
export async function ask(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
  options: AnsweredRun,
): Promise<void> {
  const { device, heardOn = [device], run = "run", thread = "thread" } = options;
  const { shape } = await bench.solo();
  const runId = user.nameFor(run);
  for (const listener of heardOn) {
    ledger.expectRun({ user, device: listener, runId, shape });
    ledger.expectOwn(user, listener.socket.connection, user.canary("question"));
  }
  device.start(askFor(user, bench.agents.answers, runId, user.nameFor(thread)));
  await device.socket.sent;
  const startedAt = performance.now();
  await Promise.all(heardOn.map((listener) => listener.ended(runId)));
  ledger.durationsMs.push(performance.now() - startedAt);
}

/** One device, one question: the plainest thing that a user does. */
export function askOnce(bench: Bench, run = "run"): Task {
  return async (user, ledger) => {
    const device = await AgentDevice.open(user, bench.agents.webSocket);
    await ask(bench, user, ledger, { device, run, thread: `thread of ${run}` });
  };
}

/** What the config's scenario does, with the user's own canaries as the control signal. */
export function playScenario(bench: Bench): Task {
  const { scenario } = bench.config;
  return async (user, ledger) => {
    const startedAt = performance.now();
    ledger.expectAnyOwn(user);
    await scenario?.(user);
    ledger.durationsMs.push(performance.now() - startedAt);
  };
}

/** Agents where there are some, the scenario otherwise; a second run needs a name of its own. */
export function everydayTask(bench: Bench, run = "run"): Task {
  return bench.config.agents === undefined ? playScenario(bench) : askOnce(bench, run);
}

/**
 * A train enters a tunnel in the middle of a run: the line is cut, the user comes back with the same
 * session, and must hear the end of the run that went on without a listener; and all of it, if the
 * server gives out positions to go on from.
 */
export function reconnectInTheMiddle(bench: Bench, run = "run"): Task {
  return async (user, ledger) => {
    const { slow, webSocket, answers } = bench.agents;
    const before = await AgentDevice.open(user, webSocket);
    const runId = user.nameFor(run);
    before.start(askFor(user, slow ?? answers, runId, user.nameFor(`thread of ${run}`)));
    await before.began(runId);
    before.socket.terminate();
    const device = await AgentDevice.open(user, webSocket, before.place);
    const joinedLate = before.place.after === undefined;
    ledger.expectRun({ user, device, runId, shape: undefined, joinedLate });
    if (!joinedLate) ledger.expectOwn(user, device.socket.connection, user.canary("question"));
    const end = await device.ended(runId);
    if (isCancelled(end)) ledger.observe(endedWithItsLine(user, end));
  };
}

/** Nobody cancelled it: a run belongs to its user, and not to the line over which it was asked for. */
function endedWithItsLine(user: SimulatedUser, { received }: RunEvent): Observation {
  return {
    kind: "loss",
    tier: "proved",
    title: `${user.name}'s run was cancelled when its line was cut`,
    to: user.name,
    occurrences: 1,
    expected: "a run to go on while its user comes back",
    frame: frameEvidence(user.name, received),
  };
}

/** Begins a slow run that must be heard to its end; resolves with its first event. */
export async function startSlow(
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
