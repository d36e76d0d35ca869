import { SENTINEL } from "../canary.ts";
import type { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import { type CanaryHit, scanForCanaries } from "../detectors/canary-scan.ts";
import { frameEvidence } from "../detectors/delivery.ts";
import { groupBy } from "../internal/group-by.ts";
import type { Observation } from "../observation.ts";
import type { Received } from "../received.ts";
import type { SinkMessage } from "../sinks/sink.ts";
import type { Judge, RoundLedger } from "./round.ts";

/** What the target sends elsewhere. */
export interface SentMessages {
  /** What arrived since it was asked last. */
  take(): readonly SinkMessage[];
  onMessage(listener: (message: SinkMessage) => void): () => void;
}

/** Nobody who received it has this number. */
const NOBODY = -1;

/**
 * Judges what the target sends elsewhere: a message with secrets of two users is a leak, whoever reads it.
 * One with secrets of a single user proves nothing, whenever it comes.
 */
export class Outbound {
  readonly #sent: SentMessages;
  /** `user token` of what users were made to say; a message about it may come when its round is over. */
  readonly #borrowed = new Set<string>();
  #beganAt = 0;
  #stop: () => void = () => {};

  constructor(sent: SentMessages) {
    this.#sent = sent;
  }

  /** A round begins: it is not over while messages with secrets come. A batch may be a heartbeat. */
  begin(capture: WebSocketEventCapture): void {
    this.#stop();
    this.#beganAt = performance.now();
    this.#stop = this.#sent.onMessage(({ bytes, batches }) => {
      if (!batches && bytes.includes(SENTINEL)) capture.stir();
    });
  }

  /**
   * Judges what came since it was asked last, and writes into the ledger: what was seen, and whose own
   * secrets arrived since the round began.
   */
  judge(ledger: RoundLedger, judge: Judge): void {
    for (const key of ledger.borrowed) this.#borrowed.add(key);
    const leaks = this.#sent.take().flatMap((message) => this.#judgeOne(message, ledger, judge));
    const pairs = groupBy(leaks, ({ sink, from, to }) => `${sink} ${from} ${to}`);
    for (const [first, ...others] of pairs.values()) {
      if (first !== undefined)
        ledger.observe({ ...first.observation, occurrences: 1 + others.length });
    }
  }

  #judgeOne(message: SinkMessage, ledger: RoundLedger, judge: Judge): Leak[] {
    const { sink, index, at, newFrom, batches, addressee } = message;
    const atMs = Math.max(0, at - this.#beganAt);
    const scan = (bytes: Buffer): readonly CanaryHit[] =>
      inOrder({ user: NOBODY, connection: sink, index, atMs, bytes }, judge);
    const hits = scan(message.bytes);
    const isNew = ({ offset }: CanaryHit): boolean => offset >= newFrom;
    if (at >= this.#beganAt) {
      for (const { owner } of hits.filter(isNew)) ledger.sent.add(owner.user);
    }
    if (batches || !hits.some(isNew)) return [];
    const secret = hits.filter(({ owner }) => !judge.share.includes(owner.label));
    if (secret.length < hits.length && usersIn(hits).length > 1) {
      for (const { owner } of hits)
        if (judge.share.includes(owner.label)) ledger.shared.add(owner.label);
    }
    const own = secret.filter((hit) => !this.#isBorrowed(hit, usersIn(secret)));
    const users = usersIn(own);
    const places = addressee.map((bytes) => usersIn(scan(bytes)));
    const named = places.flat().find((user) => users.includes(user));
    return leaksIn(own, named).map(([from, to]) => ({
      sink,
      from: from.owner.user,
      to,
      observation: observe(message, { from, to, isNamed: named !== undefined }, judge),
    }));
  }

  /** What somebody else in the message was made to say is that one's to send. */
  #isBorrowed({ owner, token }: CanaryHit, users: readonly number[]): boolean {
    return users.some((user) => user !== owner.user && this.#borrowed.has(`${user} ${token}`));
  }
}

interface Leak {
  readonly sink: string;
  readonly from: number;
  readonly to: number;
  readonly observation: Observation;
}

function inOrder(piece: Received, { book, needles }: Judge): readonly CanaryHit[] {
  return scanForCanaries(piece, book, needles).toSorted((a, b) => a.offset - b.offset);
}

function usersIn(hits: readonly CanaryHit[]): readonly number[] {
  return [...new Set(hits.map(({ owner }) => owner.user))];
}

/**
 * Who got into whose message: everybody else into that of `named`. If nobody is named, each later user is
 * told beside the first.
 */
function leaksIn(
  hits: readonly CanaryHit[],
  named: number | undefined,
): readonly (readonly [from: CanaryHit, to: number])[] {
  const firsts = usersIn(hits).flatMap(
    (user) => hits.find(({ owner }) => owner.user === user) ?? [],
  );
  const [first, ...later] = firsts;
  if (first === undefined) return [];
  if (named === undefined) return later.map((hit) => [first, hit.owner.user] as const);
  return firsts.filter(({ owner }) => owner.user !== named).map((hit) => [hit, named] as const);
}

interface Mixture {
  readonly from: CanaryHit;
  readonly to: number;
  /** Whether the message says itself whom it is for. */
  readonly isNamed: boolean;
}

function observe(
  message: SinkMessage,
  { from: hit, to: user, isNamed }: Mixture,
  judge: Judge,
): Observation {
  const { sink, what } = message;
  const [from, to] = [judge.nameOf(hit.owner.user), judge.nameOf(user)];
  const { owner, token, encoding, offset } = hit;
  return {
    kind: "outbound-leak",
    tier: "proved",
    title: isNamed
      ? `A message to the sink ${sink} for ${to} carried data of ${from}`
      : `A message to the sink ${sink} carried data of ${from} together with data of ${to}`,
    from,
    to,
    occurrences: 1,
    frame: { ...frameEvidence(to, hit.received, offset), type: what },
    canary: { owner: from, label: owner.label, token, encoding, offset },
  };
}
