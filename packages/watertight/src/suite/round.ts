import type { CanaryBook } from "../canary.ts";
import { type CanaryHit, scanForCanaries } from "../detectors/canary-scan.ts";
import type { Needle } from "../detectors/needles.ts";
import { frameEvidence, judgeDelivery, type RunShape } from "../detectors/delivery.ts";
import type { AgentDevice } from "../drivers/agent-device.ts";
import type { PatternRef } from "../finding.ts";
import { groupBy } from "../internal/group-by.ts";
import type { Observation } from "../observation.ts";
import { readJson, type Received } from "../received.ts";
import type { Outcome } from "../simulate/concurrent-user-simulator.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";

/** An observation and the schedule under which it was made. */
export interface SuiteObservation extends Observation {
  readonly pattern: PatternRef;
  /** Milliseconds from the beginning of the first round to its being judged. */
  readonly seenAtMs?: number;
}

/** A run that a device must see, exactly as a lone user would. */
export interface ExpectedRun {
  readonly user: SimulatedUser;
  readonly device: AgentDevice;
  readonly runId: string;
  readonly shape: RunShape | undefined;
  readonly joinedLate?: boolean;
}

/** What must turn up in a round: written down before it is waited for, judged when all is quiet. */
export class RoundLedger {
  readonly runs: ExpectedRun[] = [];
  /** Whose canaries must come home, and their keys; see `homeKeys`. */
  readonly controls: { readonly user: number; readonly key: string }[] = [];
  readonly borrowed: Set<string> = new Set();
  readonly observations: Observation[] = [];
  readonly durationsMs: number[] = [];
  /** Whose own canaries left the target for somewhere else than a user. */
  readonly sent: Set<number> = new Set();
  /** Labels of canaries that were declared as shared, and left with something of somebody else. */
  readonly shared: Set<string> = new Set();

  /** This run must arrive on this device, whole, once and in order. */
  expectRun(run: ExpectedRun): void {
    this.runs.push(run);
  }

  /** The control signal: this canary of the user's own must come back on this connection. */
  expectOwn(user: SimulatedUser, connection: string, token: string): void {
    this.controls.push({ user: user.number, key: `${connection} ${token}` });
  }

  /** The control signal of a scenario: some canary of the user's own must come back, or arrive at a sink. */
  expectAnyOwn(user: SimulatedUser): void {
    this.controls.push({ user: user.number, key: userKey(user.number) });
  }

  /** This user took that secret from somebody and says it: hearing it back is no leak. */
  borrow(user: SimulatedUser, token: string): void {
    this.borrowed.add(`${user.number} ${token}`);
  }

  /** What still counts when everything was judged and people go: who knows whose secrets. */
  afterwards(): RoundLedger {
    const rest = new RoundLedger();
    for (const key of this.borrowed) rest.borrowed.add(key);
    return rest;
  }

  observe(observation: Observation): void {
    this.observations.push(observation);
  }
}

/** What a round came to, after everything was quiet. */
export interface RoundResult {
  /** By which pattern it was played. */
  readonly pattern: string;
  readonly outcomes: readonly Outcome[];
  readonly observations: readonly SuiteObservation[];
  readonly events: number;
  /** Frames that reached somebody they were not meant for. */
  readonly misrouted: number;
  readonly control: { readonly expected: number; readonly received: number };
  /** `from to` → frames. */
  readonly cells: ReadonlyMap<string, number>;
  readonly durationsMs: readonly number[];
  /** Requests that were answered with an error, a sentence each. */
  readonly refusals: readonly string[];
  /** Labels of canaries that reached others and were declared as shared. */
  readonly shared: ReadonlySet<string>;
}

/** What judging needs besides the bytes. */
export interface Judge {
  readonly book: CanaryBook;
  readonly needles: readonly Needle[];
  readonly nameOf: (user: number) => string;
  /** Labels of canaries that users share on purpose. */
  readonly share: readonly string[];
}

type Judged = Omit<RoundResult, "pattern" | "outcomes" | "observations"> & {
  readonly observations: readonly Observation[];
};

/** Whether one user's data left its bounds: to another user, or for somewhere else together with another's. */
export function isLeak({ kind }: Pick<Observation, "kind">): boolean {
  return kind === "leak" || kind === "outbound-leak";
}

/** A round as a whole: what was judged when all was quiet, and what came while people left. */
export function addRounds(main: Judged, rest: Judged): Judged {
  const cells = new Map(main.cells);
  for (const [cell, frames] of rest.cells) cells.set(cell, (cells.get(cell) ?? 0) + frames);
  return {
    ...main,
    observations: [...main.observations, ...rest.observations],
    events: main.events + rest.events,
    misrouted: main.misrouted + rest.misrouted,
    cells,
    refusals: [...main.refusals, ...rest.refusals],
    shared: new Set([...main.shared, ...rest.shared]),
  };
}

/**
 * Judges a round from everything that anybody received in it. Users whose part `failed` prove
 * nothing, whatever they received before.
 */
export function judgeRound(
  ledger: RoundLedger,
  received: readonly Received[],
  judge: Judge,
  failed: ReadonlySet<number> = new Set(),
): Judged {
  const hits = scanAll(received, judge);
  const foreign = hits.filter((hit) => isForeign(hit, ledger, judge.share));
  const foreignHits = new Set(foreign);
  const tainted = new Set(foreign.map(({ received: piece }) => frameKey(piece)));
  return {
    observations: [
      ...leakObservations(foreign, judge),
      ...ledger.runs.flatMap((run) => judgeRun(run, tainted)),
      ...ledger.observations,
    ],
    events: received.length,
    misrouted: tainted.size,
    control: judgeControl(ledger, hits, failed),
    cells: countCells(hits.filter((hit) => isOwn(hit) || foreignHits.has(hit))),
    durationsMs: ledger.durationsMs,
    refusals: received.flatMap((piece) => refusalIn(piece, judge)),
    shared: new Set([
      ...hits.filter((hit) => isShared(hit, judge.share)).map(({ owner }) => owner.label),
      ...ledger.shared,
    ]),
  };
}

/**
 * Scans every frame, and the deltas of a message joined: a canary cut in two by streaming is found
 * all the same, but is counted only where no single frame shows it.
 */
function scanAll(received: readonly Received[], judge: Judge): CanaryHit[] {
  const scan = (piece: Received): CanaryHit[] => scanForCanaries(piece, judge.book, judge.needles);
  const hits = received.flatMap(scan);
  const seen = new Set(hits.map(hitKey));
  const cut = joinedDeltas(received).flatMap(scan);
  return [...hits, ...cut.filter((hit) => !seen.has(hitKey(hit)))];
}

/** A page that says "not found: …" repeats the user's words, too; only what is no error proves anything. */
function judgeControl(
  { controls, sent }: RoundLedger,
  hits: readonly CanaryHit[],
  failed: ReadonlySet<number>,
): RoundResult["control"] {
  const proofs = hits.filter(isOwn).filter(({ received }) => (received.answer?.status ?? 0) < 400);
  const home = new Set([...proofs.flatMap(homeKeys), ...[...sent].map(userKey)]);
  const heard = new Set(controls.map(({ user }) => user));
  const silent = [...failed].filter((user) => !heard.has(user)).length;
  return {
    expected: controls.length + silent,
    received: controls.filter(({ user, key }) => home.has(key) && !failed.has(user)).length,
  };
}

function refusalIn({ answer, user }: Received, { nameOf }: Judge): string[] {
  if (answer === undefined || answer.status < 400) return [];
  return [`${answer.request} of ${nameOf(user)} was answered with status ${answer.status}`];
}

function isOwn({ owner, received }: CanaryHit): boolean {
  return owner.user === received.user;
}

function homeKeys(hit: CanaryHit): string[] {
  return [hitKey(hit), userKey(hit.owner.user)];
}

function userKey(user: number): string {
  return `user ${user}`;
}

function hitKey({ received, token }: CanaryHit): string {
  return `${received.connection} ${token}`;
}

function joinedDeltas(received: readonly Received[]): Received[] {
  const deltas = received.flatMap((piece) => {
    const event = readJson(piece);
    const delta = event?.["delta"];
    const message = event?.["messageId"] ?? event?.["toolCallId"];
    if (typeof delta !== "string") return [];
    return [{ piece, delta, key: `${piece.connection} ${String(message)}` }];
  });
  const messages = [...groupBy(deltas, ({ key }) => key).values()];
  return messages.flatMap((pieces) => {
    const first = pieces[0];
    if (first === undefined || pieces.length === 1) return [];
    return [{ ...first.piece, bytes: Buffer.from(pieces.map(({ delta }) => delta).join("")) }];
  });
}

function isForeign(
  { owner, received, token }: CanaryHit,
  { borrowed }: RoundLedger,
  share: readonly string[],
): boolean {
  if (owner.user === received.user || share.includes(owner.label)) return false;
  return !borrowed.has(`${received.user} ${token}`);
}

function isShared(hit: CanaryHit, share: readonly string[]): boolean {
  return !isOwn(hit) && share.includes(hit.owner.label);
}

function frameKey(piece: Received): string {
  return `${piece.connection} ${piece.index}`;
}

function leakObservations(foreign: readonly CanaryHit[], judge: Judge): Observation[] {
  const pairs = groupBy(foreign, ({ owner, received }) => `${owner.user} ${received.user}`);
  return [...pairs.values()].map((hits) => leakObservation(hits, judge));
}

function leakObservation(hits: readonly CanaryHit[], judge: Judge): Observation {
  const first = hits[0] as CanaryHit;
  const from = judge.nameOf(first.owner.user);
  const to = judge.nameOf(first.received.user);
  const frames = new Set(hits.map(({ received }) => frameKey(received))).size;
  return {
    kind: "leak",
    tier: "proved",
    title: `${to} received data of ${from}`,
    from,
    to,
    occurrences: frames,
    frame: frameEvidence(to, first.received, first.offset),
    canary: {
      owner: from,
      label: first.owner.label,
      token: first.token,
      encoding: first.encoding,
      offset: first.offset,
    },
  };
}

/** Foreign frames are judged as leaks; here only the user's own frames count. */
function judgeRun(run: ExpectedRun, tainted: ReadonlySet<string>): Observation[] {
  const { user, device, runId, shape, joinedLate = false } = run;
  const events = device.eventsOf(runId).filter(({ received }) => !tainted.has(frameKey(received)));
  return judgeDelivery({
    user: user.name,
    runId,
    events,
    joinedLate,
    ...(shape === undefined ? {} : { shape }),
  });
}

function countCells(hits: readonly CanaryHit[]): ReadonlyMap<string, number> {
  const seen = new Set<string>();
  const cells = new Map<string, number>();
  for (const { owner, received } of hits) {
    const cell = `${owner.user} ${received.user}`;
    const frame = `${cell} ${frameKey(received)}`;
    if (seen.has(frame)) continue;
    seen.add(frame);
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return cells;
}
