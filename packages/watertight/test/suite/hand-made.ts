import { CanaryBook } from "../../src/canary.ts";
import { createNeedles } from "../../src/detectors/needles.ts";
import { type RunShape, shapeOf } from "../../src/detectors/delivery.ts";
import { AgentDevice } from "../../src/drivers/agent-device.ts";
import type { FindingKind } from "../../src/finding.ts";
import { createRandom } from "../../src/internal/random.ts";
import type { Received } from "../../src/received.ts";
import { readRunEvent, type RunEvent } from "../../src/run-event.ts";
import { createIdentities, SimulatedUser } from "../../src/simulate/simulated-user.ts";
import {
  type Judge,
  judgeRound,
  RoundLedger,
  type SuiteObservation,
} from "../../src/suite/round.ts";

/** A round written by hand: who received what, and what was expected of it. */
export interface HandMadeRound {
  readonly users: readonly SimulatedUser[];
  readonly ledger: RoundLedger;
  readonly judge: Judge;
  /** Everything that was delivered. */
  readonly received: readonly Received[];
  /** Lets a user receive a frame on the only socket that the user has. */
  readonly deliver: (to: SimulatedUser, frame: object | string) => void;
  /** The frames of a whole run of a user, with the user's secret in its result and its words. */
  readonly runOf: (user: SimulatedUser) => readonly object[];
  /** Expects the run and the control signal of each of these users. */
  readonly expectRunsOf: (users: readonly SimulatedUser[]) => void;
  readonly judgeAll: () => ReturnType<typeof judgeRound>;
}

/** Creates a round of `count` users in which nothing has happened yet. */
export function createRound(count: number, share: readonly string[] = []): HandMadeRound {
  const book = new CanaryBook();
  const identities = createIdentities(count, book);
  const received: Received[] = [];
  const ledger = new RoundLedger();
  const judge = { book, needles: createNeedles(), nameOf: nameOf(identities), share };
  const deliver = (to: SimulatedUser, frame: object | string): void => {
    const connection = connectionOf(to);
    const index = received.filter((piece) => piece.connection === connection).length;
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    const bytes = Buffer.from(text);
    received.push({ user: to.number, connection, index, atMs: received.length, bytes });
  };
  const round = {
    name: "r1",
    equalNames: false,
    baseUrl: "http://127.0.0.1",
    signal: new AbortController().signal,
    record: () => received[0] as Received,
    stir: () => {},
    pass: () => Promise.resolve(),
    timeoutMs: 1000,
    mishapOf: () => undefined,
    random: createRandom(1),
  };
  const users = identities.map((identity) => new SimulatedUser(identity, book, round));
  const expectRunsOf = (expected: readonly SimulatedUser[]): void => {
    for (const user of expected) {
      const device = deviceOf(user, received);
      ledger.expectRun({ user, device, runId: runIdOf(user), shape: shapeOfRun(user) });
      ledger.expectOwn(user, connectionOf(user), user.canary("question"));
    }
  };
  const judgeAll = () => judgeRound(ledger, received, judge);
  return { users, ledger, judge, received, deliver, runOf, expectRunsOf, judgeAll };
}

/** The kinds of some observations, in alphabetical order, each once. */
export function kindsOf(observations: readonly { readonly kind: FindingKind }[]): FindingKind[] {
  return [...new Set(observations.map(({ kind }) => kind))].sort();
}

/** Adds the schedule under which the observations were made. */
export function seen(round: HandMadeRound, name = "lockstep"): readonly SuiteObservation[] {
  const pattern = { name, seed: 7 };
  return round.judgeAll().observations.map((observation) => ({ ...observation, pattern }));
}

function nameOf(identities: readonly { readonly name: string }[]): (user: number) => string {
  return (user) => identities[user]?.name ?? "nobody";
}

function connectionOf(user: SimulatedUser): string {
  return `${user.name}/socket-1`;
}

function runIdOf(user: SimulatedUser): string {
  return user.nameFor("run");
}

/** A device whose socket has received what was delivered to its user; all else is the real thing. */
function deviceOf(user: SimulatedUser, received: readonly Received[]): AgentDevice {
  const socket = {
    connection: connectionOf(user),
    get received() {
      return received.filter(({ connection }) => connection === connectionOf(user));
    },
  };
  return Object.assign(Object.create(AgentDevice.prototype) as AgentDevice, { socket });
}

function runOf(user: SimulatedUser): readonly object[] {
  const runId = runIdOf(user);
  const secret = user.canary("question");
  const events = [
    { type: "RUN_STARTED" },
    { type: "TOOL_CALL_RESULT", toolCallId: "t", content: secret },
    { type: "TEXT_MESSAGE_START", messageId: "m" },
    { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "You said " },
    { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: secret },
    { type: "TEXT_MESSAGE_END", messageId: "m" },
    { type: "RUN_FINISHED" },
  ];
  return events.map((event, place) => ({ ...event, metadata: { runId, seq: place + 1 } }));
}

function shapeOfRun(user: SimulatedUser): RunShape {
  const events = runOf(user).map((event, index) =>
    readRunEvent({
      user: user.number,
      connection: "solo",
      index,
      atMs: 0,
      bytes: Buffer.from(JSON.stringify(event)),
    }),
  );
  return shapeOf(events.filter((event): event is RunEvent => event !== undefined));
}
