import { describe, expect, it } from "vitest";
import type { SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { judgeRound } from "../../src/suite/round.ts";
import { createRound, type HandMadeRound, kindsOf } from "./hand-made.ts";

/** Two users whose runs arrive as they should, unless `frames` says otherwise. */
function twoRuns(
  deliverAll: (round: HandMadeRound, alice: SimulatedUser, bob: SimulatedUser) => void,
): ReturnType<HandMadeRound["judgeAll"]> {
  const round = createRound(2);
  const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
  round.expectRunsOf([alice, bob]);
  deliverAll(round, alice, bob);
  return round.judgeAll();
}

function deliverRun({ deliver, runOf }: HandMadeRound, user: SimulatedUser): void {
  for (const frame of runOf(user)) deliver(user, frame);
}

describe("a round", () => {
  it("in which everybody received what is the user's own, whole and in order, shows nothing", () => {
    const result = twoRuns((round, alice, bob) => {
      deliverRun(round, alice);
      deliverRun(round, bob);
    });

    expect(result.observations).toEqual([]);
    expect(result).toMatchObject({
      events: 14,
      misrouted: 0,
      control: { expected: 2, received: 2 },
    });
    expect(Object.fromEntries(result.cells)).toEqual({ "0 0": 7, "1 1": 7 });
  });

  it("in which a user also received another's frame shows a leak", () => {
    const result = twoRuns((round, alice, bob) => {
      deliverRun(round, alice);
      deliverRun(round, bob);
      round.deliver(bob, round.runOf(alice)[4] as object);
    });

    expect(result.observations).toEqual([
      expect.objectContaining({
        kind: "leak",
        tier: "proved",
        from: "user-00",
        to: "user-01",
        occurrences: 1,
        title: "user-01 received data of user-00",
      }),
    ]);
    const [leak] = result.observations;
    expect(leak?.frame).toMatchObject({
      user: "user-01",
      connection: "user-01/socket-1",
      index: 7,
      type: "TEXT_MESSAGE_CONTENT",
    });
    expect(leak?.canary).toMatchObject({ owner: "user-00", encoding: "plain" });
    expect(result.misrouted).toBe(1);
    expect(result.cells.get("0 1")).toBe(1);
  });

  it("in which two users got each other's events shows leaks both ways and what each of them misses", () => {
    const { observations } = twoRuns((round, alice, bob) => {
      const [ofAlice, ofBob] = [round.runOf(alice), round.runOf(bob)];
      ofAlice.forEach((frame, place) => round.deliver(place === 4 ? bob : alice, frame));
      ofBob.forEach((frame, place) => round.deliver(place === 4 ? alice : bob, frame));
    });

    expect(observations.map(({ kind, to }) => `${kind} ${to}`).sort()).toEqual([
      "leak user-00",
      "leak user-01",
      "loss user-00",
      "loss user-01",
    ]);
  });

  it.each([
    ["a loss", "loss", (frames: readonly object[]) => frames.toSpliced(3, 1)],
    [
      "a duplicate",
      "duplicate",
      (frames: readonly object[]) => frames.toSpliced(3, 0, frames[3] as object),
    ],
    [
      "a reorder",
      "reorder",
      (frames: readonly object[]) =>
        frames.with(3, frames[4] as object).with(4, frames[3] as object),
    ],
  ])("in which a run arrives with %s shows that and nothing else", (_, kind, change) => {
    const { observations } = twoRuns((round, alice, bob) => {
      deliverRun(round, bob);
      for (const frame of change(round.runOf(alice))) round.deliver(alice, frame);
    });

    expect(observations.map((one) => `${one.kind} ${one.to}`)).toEqual([`${kind} user-00`]);
  });

  it("in which nothing arrives shows a loss for each run and no control signal", () => {
    const result = twoRuns(() => {});

    expect(kindsOf(result.observations)).toEqual(["loss"]);
    expect(result).toMatchObject({ events: 0, control: { expected: 2, received: 0 } });
  });
});

describe("a canary", () => {
  it("that streaming has cut in two is found in the deltas joined", () => {
    const result = twoRuns((round, alice, bob) => {
      deliverRun(round, alice);
      deliverRun(round, bob);
      const secret = alice.canary("question");
      const say = (delta: string): void =>
        round.deliver(bob, { type: "TEXT_MESSAGE_CONTENT", messageId: "other", delta });
      say(`… ${secret.slice(0, 11)}`);
      say(secret.slice(11));
    });

    expect(result.observations.map(({ kind, to }) => `${kind} ${to}`)).toEqual(["leak user-01"]);
  });

  it("cut in two over different messages is none", () => {
    const result = twoRuns((round, alice, bob) => {
      deliverRun(round, alice);
      deliverRun(round, bob);
      const secret = alice.canary("question");
      const say = (messageId: string, delta: string): void =>
        round.deliver(bob, { type: "TEXT_MESSAGE_CONTENT", messageId, delta });
      say("one", secret.slice(0, 11));
      say("two", secret.slice(11));
    });

    expect(result.observations).toEqual([]);
  });

  it("that a user borrowed is no leak to that user, but to anybody else", () => {
    const round = createRound(3);
    const [owner, thief, other] = round.users as [SimulatedUser, SimulatedUser, SimulatedUser];
    const secret = owner.canary("run");
    round.ledger.borrow(thief, secret);
    round.deliver(thief, { type: "error", message: `no run ${secret}` });
    expect(round.judgeAll()).toMatchObject({ observations: [], misrouted: 0 });

    round.deliver(other, { type: "error", message: `no run ${secret}` });
    expect(round.judgeAll().observations).toMatchObject([{ kind: "leak", to: other.name }]);
  });

  it("of a label that users share on purpose is no leak, of another label it is", () => {
    const round = createRound(2, ["room"]);
    const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
    round.deliver(bob, `joined ${alice.canary("room")}`);
    expect(round.judgeAll().observations).toEqual([]);

    round.deliver(bob, `joined ${alice.canary("diary")}`);
    expect(round.judgeAll().observations).toMatchObject([
      { kind: "leak", canary: { label: "diary" } },
    ]);
  });

  it("in another form is found, and the finding says in which", () => {
    const round = createRound(2);
    const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
    round.deliver(bob, Buffer.from(`x${alice.canary("diary")}`).toString("base64"));

    expect(round.judgeAll().observations).toMatchObject([
      { kind: "leak", canary: { encoding: "base64" } },
    ]);
  });

  it("twice in one frame is one frame that leaked", () => {
    const round = createRound(2);
    const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
    const secret = alice.canary("diary");
    round.deliver(bob, `${secret} ${secret} ${alice.canary("motto")}`);

    const { observations, cells } = round.judgeAll();

    expect(observations).toMatchObject([{ kind: "leak", occurrences: 1 }]);
    expect([...cells]).toEqual([["0 1", 1]]);
  });
});

describe("the control signal", () => {
  it("counts only on the connection on which it was expected", () => {
    const round = createRound(2);
    const [alice] = round.users as [SimulatedUser];
    round.ledger.expectOwn(alice, `${alice.name}/socket-2`, alice.canary("question"));
    round.deliver(alice, alice.canary("question"));
    expect(round.judgeAll().control).toEqual({ expected: 1, received: 0 });

    round.ledger.expectOwn(alice, `${alice.name}/socket-1`, alice.canary("question"));
    expect(round.judgeAll().control).toEqual({ expected: 2, received: 1 });
  });

  it("of a scenario is any canary of the user's own, and nobody else's", () => {
    const round = createRound(2);
    const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
    round.ledger.expectAnyOwn(alice);
    round.deliver(alice, bob.canary("motto"));
    expect(round.judgeAll().control).toEqual({ expected: 1, received: 0 });

    round.deliver(alice, alice.canary("motto"));
    expect(round.judgeAll().control).toEqual({ expected: 1, received: 1 });
  });

  it("is missing for a user whose part failed, whatever came before, or whose turn never came", () => {
    const round = createRound(3);
    const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
    for (const user of [alice, bob]) {
      round.ledger.expectAnyOwn(user);
      round.deliver(user, user.canary("motto"));
    }

    const { control } = judgeRound(round.ledger, round.received, round.judge, new Set([1, 2]));

    expect(control).toEqual({ expected: 3, received: 1 });
  });

  it("is not an error page that repeats the user's words; the report can say which", () => {
    const round = createRound(1);
    const [alice] = round.users as [SimulatedUser];
    round.ledger.expectAnyOwn(alice);
    round.deliver(alice, `Cannot GET /${alice.canary("motto")}`);
    const answer = { request: "GET /…", status: 404 };
    const pieces = round.received.map((piece) => ({ ...piece, answer }));

    const { control, refusals } = judgeRound(round.ledger, pieces, round.judge);

    expect(control).toEqual({ expected: 1, received: 0 });
    expect(refusals).toEqual(["GET /… of user-00 was answered with status 404"]);
  });
});
