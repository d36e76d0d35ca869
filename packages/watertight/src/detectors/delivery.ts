import { canaryPattern } from "../canary.ts";
import type { FindingKind, FrameEvidence } from "../finding.ts";
import type { Observation } from "../observation.ts";
import type { Received } from "../received.ts";
import { isTerminal, type RunEvent } from "../run-event.ts";

/** What a run of an agent looks like when one user is alone with the server. */
export interface RunShape {
  /** A word an event, in order. */
  readonly signatures: readonly string[];
  /** All deltas joined; names with a canary in them are masked, and so are numbers. */
  readonly text: string;
}

/** What one device received of one run, and what it should have received. */
export interface Delivery {
  readonly user: string;
  readonly runId: string;
  readonly events: readonly RunEvent[];
  /** Without a shape (a cancelled run, say) only the server's own numbers and the end are judged. */
  readonly shape?: RunShape;
  /** The device joined in the middle: what came before its first event is not missing. */
  readonly joinedLate?: boolean;
}

const MASK = "‹canary›";
/** Events of which one message may have any number. */
const PIECE = /_(CONTENT|ARGS|CHUNK)$/;

/** Takes the shape of a run from what a lone user received. */
export function shapeOf(events: readonly RunEvent[]): RunShape {
  const unique = withoutRepeats(events);
  return { signatures: unique.map(signature), text: maskedText(unique) };
}

/**
 * Compares what arrived with the exact sequence expected: a loss, a duplicate, a reorder and events
 * that a lone user does not get are different observations. A run that did exactly as it should gives
 * none; one that failed lost nothing, it failed.
 */
export function judgeDelivery(request: Delivery): Observation[] {
  const unique = withoutRepeats(request.events);
  const delivery = { ...request, ...fitShape(request, unique) };
  const unexpected = unexpectedIn(delivery, unique);
  const expected = unique.filter((event) => !unexpected.includes(event));
  const hasFailed = unexpected.some(({ type }) => type === "RUN_ERROR");
  const missing = hasFailed ? [] : missingFrom(delivery, expected);
  const extra = extraIn(delivery, expected).length + (delivery.events.length - unique.length);
  const observations: Observation[] = [];
  if (unexpected.length > 0) {
    const wanted = `only what a lone user gets; came as well: ${list(unexpected.map(describe))}`;
    observations.push(observe(delivery, "unexpected", unexpected.length, wanted));
  }
  if (missing.length > 0) {
    observations.push(observe(delivery, "loss", missing.length, `missing: ${list(missing)}`));
  }
  if (extra > 0) {
    observations.push(observe(delivery, "duplicate", extra, "every event exactly once"));
  }
  if (isOutOfOrder(delivery, expected, !hasFailed && missing.length + extra === 0)) {
    observations.push(observe(delivery, "reorder", 1, "the events in the order they were made"));
  }
  return observations;
}

/** Cuts a frame down to what a person needs to see, around `offset`. */
export function frameEvidence(user: string, received: Received, offset = 0): FrameEvidence {
  const start = Math.max(0, offset - 80);
  const text = received.bytes.toString("utf8", start, start + 240);
  const type = /"type"\s*:\s*"([A-Za-z_.]{1,40})"/.exec(received.bytes.toString("utf8", 0, 4096));
  return {
    user,
    connection: received.connection,
    index: received.index,
    type: received.answer?.request ?? type?.[1] ?? "frame",
    receivedAtMs: Math.round(received.atMs * 10) / 10,
    excerpt: (start > 0 ? "…" : "") + text,
  };
}

function signature(event: RunEvent): string {
  const detail = event.event["toolCallName"] ?? event.event["stepName"] ?? event.event["name"];
  return typeof detail === "string" ? `${event.type} ${detail}` : event.type;
}

function maskedText(events: readonly RunEvent[]): string {
  const deltas = events.map(({ event }) =>
    typeof event["delta"] === "string" ? event["delta"] : "",
  );
  const names = new RegExp(`[\\w-]*${canaryPattern().source}[\\w-]*`, "gi");
  return deltas.join("").replace(names, MASK).replaceAll(/\d+/g, "#");
}

/**
 * A text that streams may be cut into more or fewer pieces than it was for a lone user. Where the
 * server's own numbers show that nothing is missing, the number of pieces is no matter.
 */
function fitShape({ shape }: Delivery, events: readonly RunEvent[]): { readonly shape?: RunShape } {
  if (shape === undefined || events.some(({ seq }, place) => seq !== place + 1)) return {};
  const signatures = events.map(signature);
  const isAlike = joinPieces(signatures).join() === joinPieces(shape.signatures).join();
  return isAlike ? { shape: { ...shape, signatures } } : {};
}

function joinPieces(signatures: readonly string[]): readonly string[] {
  return signatures.filter((word, place) => !PIECE.test(word) || word !== signatures[place - 1]);
}

function withoutRepeats(events: readonly RunEvent[]): readonly RunEvent[] {
  const seen = new Set<number>();
  return events.filter(({ seq }) => {
    if (seq === undefined) return true;
    const isNew = !seen.has(seq);
    seen.add(seq);
    return isNew;
  });
}

function missingFrom(delivery: Delivery, events: readonly RunEvent[]): readonly string[] {
  if (delivery.shape !== undefined) {
    return difference(delivery.shape.signatures, events.map(signature));
  }
  const numbers = new Set(events.map(({ seq }) => seq));
  const counted = events.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  const first = delivery.joinedLate === true ? Math.min(...counted) : 1;
  const last = Math.max(0, ...counted);
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  const gaps = all.filter((seq) => !numbers.has(seq));
  const missing = gaps.map((seq) => `event ${seq}`);
  return events.some(isTerminal) ? missing : [...missing, "the event that ends the run"];
}

/** What no run of a lone user has, such as the error that ends a run which should have succeeded. */
function unexpectedIn({ shape }: Delivery, events: readonly RunEvent[]): readonly RunEvent[] {
  if (shape === undefined) return [];
  return events.filter((event) => !shape.signatures.includes(signature(event)));
}

function describe(event: RunEvent): string {
  const { code } = event.event;
  return typeof code === "string" ? `${event.type} ${code}` : signature(event);
}

function extraIn(delivery: Delivery, events: readonly RunEvent[]): readonly string[] {
  if (delivery.shape !== undefined) {
    return difference(events.map(signature), delivery.shape.signatures);
  }
  return events.filter(isTerminal).slice(1).map(signature);
}

function isOutOfOrder(
  delivery: Delivery,
  events: readonly RunEvent[],
  isComplete: boolean,
): boolean {
  const descends = events.some(({ seq }, place) => (seq ?? 0) < (events[place - 1]?.seq ?? 0));
  if (descends || delivery.shape === undefined || !isComplete) return descends;
  const signatures = events.map(signature);
  return (
    signatures.some((word, place) => word !== delivery.shape?.signatures[place]) ||
    isRearranged(maskedText(events), delivery.shape.text)
  );
}

/** The same letters in another order, or a canary torn apart; another text is another answer, and no matter. */
function isRearranged(text: string, original: string): boolean {
  if (text === original) return false;
  if (original.includes(MASK) && !text.includes(MASK)) return true;
  const sorted = (letters: string): string => letters.split("").sort().join("");
  return sorted(text) === sorted(original);
}

/** The items of `left` that `right` has fewer of, in order. */
function difference(left: readonly string[], right: readonly string[]): readonly string[] {
  const available = new Map<string, number>();
  for (const item of right) available.set(item, (available.get(item) ?? 0) + 1);
  return left.filter((item) => {
    const count = available.get(item) ?? 0;
    available.set(item, count - 1);
    return count <= 0;
  });
}

function observe(
  delivery: Delivery,
  kind: FindingKind,
  occurrences: number,
  expected: string,
): Observation {
  const last = delivery.events.at(-1);
  return {
    kind,
    tier: "proved",
    title: `${delivery.user} ${VERB[kind as keyof typeof VERB]} of run ${label(delivery.runId)}`,
    to: delivery.user,
    occurrences,
    expected,
    ...(last === undefined ? {} : { frame: frameEvidence(delivery.user, last.received) }),
  };
}

const VERB = Object.freeze({
  loss: "did not receive every event",
  duplicate: "received events twice",
  reorder: "received events out of order",
  unexpected: "received events that a lone user does not get",
});

/** Run ids carry canaries; a title is for people. */
function label(runId: string): string {
  return runId.replace(canaryPattern(), "…");
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, 4).join(", ");
  return items.length > 4 ? `${shown} and ${items.length - 4} more` : shown;
}
