import { describe, expect, it } from "vitest";
import { WebSocketEventCapture } from "../../src/capture/web-socket-event-capture.ts";
import type { SimulatedUser } from "../../src/simulate/simulated-user.ts";
import type { SinkMessage } from "../../src/sinks/sink.ts";
import { toFindings } from "../../src/suite/findings.ts";
import { Outbound } from "../../src/suite/outbound.ts";
import { judgeRound, RoundLedger } from "../../src/suite/round.ts";
import { createRound, type HandMadeRound } from "./hand-made.ts";

type Sent = Partial<SinkMessage> & { readonly text: string };

/** A round in which users do nothing but make the target send `messages`. */
function sending(
  messagesOf: (round: HandMadeRound, alice: SimulatedUser, bob: SimulatedUser) => readonly Sent[],
  { share = [] as readonly string[], began = true } = {},
): ReturnType<typeof judgeRound> {
  const round = createRound(3, share);
  const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
  const messages = messagesOf(round, alice, bob);
  const before = performance.now();
  const outbound = new Outbound({
    take: () => messages.map((message, place) => toMessage(message, place, before)),
    onMessage: () => () => {},
  });
  if (began) outbound.begin(new WebSocketEventCapture());
  outbound.judge(round.ledger, round.judge);
  return judgeRound(round.ledger, round.received, round.judge);
}

function toMessage({ text, addressee, ...rest }: Sent, index: number, before: number): SinkMessage {
  const bytes = Buffer.from(text);
  const about = { sink: "mail", index, what: "mail", newFrom: 0, batches: false };
  return { ...about, at: before + 1e6, bytes, addressee: addressee ?? [bytes], ...rest };
}

describe("a message that left the target", () => {
  it("with secrets of one user is no leak, and a control signal", () => {
    const result = sending(({ ledger }, alice, bob) => {
      ledger.expectAnyOwn(alice);
      ledger.expectAnyOwn(bob);
      return [{ text: `To ${alice.id}: ${alice.canary("motto")}` }];
    });

    expect(result.observations).toEqual([]);
    expect(result.control).toEqual({ expected: 2, received: 1 });
    expect(result.cells.size).toBe(0);
    expect(result.events).toBe(0);
  });

  it("for one user with a secret of another is a leak, from the other to whom it names", () => {
    const result = sending((_round, alice, bob) => [
      { text: `${alice.canary("invoice")} ${bob.id}`, addressee: [Buffer.from(`<${bob.id}@x>`)] },
    ]);

    expect(result.observations).toMatchObject([
      {
        kind: "outbound-leak",
        tier: "proved",
        from: "user-00",
        to: "user-01",
        occurrences: 1,
        title: "A message to the sink mail for user-01 carried data of user-00",
        frame: { user: "user-01", connection: "mail", index: 0, type: "mail" },
        canary: { owner: "user-00", label: "invoice", offset: 0 },
      },
    ]);
    expect(result.observations[0]?.frame?.excerpt).toMatch(/^wtcanary/);
    expect(result.misrouted).toBe(0);
  });

  it("that names nobody is told of as a pair, in order of appearance", () => {
    const result = sending((_round, alice, bob) => [
      { text: `${bob.canary("a")} ${alice.canary("a")}`, addressee: [] },
    ]);

    expect(result.observations).toMatchObject([
      {
        from: "user-01",
        to: "user-00",
        title: "A message to the sink mail carried data of user-01 together with data of user-00",
      },
    ]);
  });

  it("is for whom its first telling place names, and is counted by pair", () => {
    const result = sending((round, alice, bob) => {
      const carol = round.users[2] as SimulatedUser;
      const text = `GET /${alice.id} ${bob.canary("token")} ${carol.canary("x")}`;
      const places = { addressee: [Buffer.from(""), Buffer.from(bob.canary("token"))] };
      return [
        { text, ...places },
        { text, ...places },
        { text: `${alice.canary("y")} ${carol.canary("x")}` },
      ];
    });

    const pairs = result.observations.map(({ from, to, occurrences }) => [from, to, occurrences]);
    expect(pairs).toEqual([
      ["user-00", "user-01", 2],
      ["user-02", "user-01", 2],
      ["user-02", "user-00", 1],
    ]);
  });

  it("of a sink that batches is no leak, and a control signal of everybody in it", () => {
    const result = sending(({ ledger }, alice, bob) => {
      ledger.expectAnyOwn(alice);
      ledger.expectAnyOwn(bob);
      return [{ text: `${alice.id} ${bob.id}`, batches: true }];
    });

    expect(result.observations).toEqual([]);
    expect(result.control).toEqual({ expected: 2, received: 2 });
  });

  it("with what is declared as shared is no leak, and says that it was seen", () => {
    const text = (alice: SimulatedUser, bob: SimulatedUser): readonly Sent[] => [
      { text: `${alice.canary("room")} ${bob.id}` },
    ];
    const shared = sending((_round, alice, bob) => text(alice, bob), { share: ["room"] });
    expect(shared.observations).toEqual([]);
    expect([...shared.shared]).toEqual(["room"]);

    const secret = sending((_round, alice, bob) => text(alice, bob));
    expect(secret.observations).toHaveLength(1);
  });

  it("with what its user was made to say of another is no leak", () => {
    const borrowing = (isMade: boolean) =>
      sending(({ ledger }, alice, bob) => {
        if (isMade) ledger.borrow(bob, alice.canary("run"));
        return [{ text: `${bob.id} asked for ${alice.canary("run")}` }];
      });

    expect(borrowing(true).observations).toEqual([]);
    expect(borrowing(false).observations).toHaveLength(1);
  });

  it("about something that was borrowed in an earlier round is none either", () => {
    const round = createRound(2);
    const [alice, bob] = round.users as [SimulatedUser, SimulatedUser];
    round.ledger.borrow(bob, alice.canary("run"));
    const messages: Sent[][] = [[], [{ text: `${bob.id} ${alice.canary("run")}` }]];
    const outbound = new Outbound({
      take: () => (messages.shift() ?? []).map((one, place) => toMessage(one, place, 0)),
      onMessage: () => () => {},
    });
    outbound.judge(round.ledger, round.judge);
    const later = new RoundLedger();
    outbound.judge(later, round.judge);

    expect(later.observations).toEqual([]);
    expect(messages).toEqual([]);
  });

  it("that came before the round is judged, and is no control signal of it", () => {
    const result = sending(({ ledger }, alice, bob) => {
      ledger.expectAnyOwn(alice);
      return [
        { text: alice.id, at: 0 },
        { text: `${alice.id} ${bob.id}`, at: 0 },
      ];
    });

    expect(result.observations).toHaveLength(1);
    expect(result.control).toEqual({ expected: 1, received: 0 });
  });

  it("and grows is judged by what is new, in the light of what came before", () => {
    const growing = (newText: (alice: SimulatedUser, bob: SimulatedUser) => string) =>
      sending(({ ledger }, alice, bob) => {
        ledger.expectAnyOwn(alice);
        const old = `${alice.id} `;
        return [{ text: old + newText(alice, bob), newFrom: old.length }];
      });

    expect(growing((_alice, bob) => bob.id).observations).toHaveLength(1);
    const nothing = growing(() => "and so on");
    expect(nothing.observations).toEqual([]);
    expect(nothing.control.received).toBe(0);
    expect(growing((alice) => alice.id).control.received).toBe(1);
  });

  it("is told of for each pair, beside those who received something", () => {
    const pattern = { name: "lockstep", seed: 7 };
    const about = { tier: "proved", title: "a title", pattern, occurrences: 1 } as const;
    const pairs = (kind: "leak" | "outbound-leak", count: number, occurrences: number) =>
      Array.from({ length: count }, (_, place) => {
        return { ...about, kind, from: "user-00", to: `user-${place + 1}`, occurrences };
      });
    const seen = [...pairs("leak", 30, 5), ...pairs("outbound-leak", 3, 1)];
    const again = [...seen, ...pairs("outbound-leak", 1, 2)];
    const context = { check: "1.1", replay: "again", folder: "/" };
    const findings = toFindings(again, context).filter(({ kind }) => kind === "outbound-leak");

    expect(findings.map(({ to, title, occurrences }) => [to, title, occurrences])).toEqual([
      ["user-1", "a title; 3 such messages", 3],
      ["user-2", "a title", 1],
      ["user-3", "a title", 1],
    ]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(3);
  });

  it("keeps the round from being over while it carries a secret", async () => {
    let hear: (message: SinkMessage) => void = () => {};
    const outbound = new Outbound({
      take: () => [],
      onMessage(listener) {
        hear = listener;
        return () => {};
      },
    });
    let now = 0;
    const capture = new WebSocketEventCapture(() => now);
    outbound.begin(capture);
    now = 1000;
    hear(toMessage({ text: "heartbeat" }, 0, 0));
    expect(capture.newslessForMs).toBe(1000);
    const text = createRound(1).users[0]?.id ?? "";
    hear(toMessage({ text, batches: true }, 0, 0));
    expect(capture.newslessForMs).toBe(1000);
    hear(toMessage({ text }, 0, 0));
    expect(capture.newslessForMs).toBe(0);
  });
});
