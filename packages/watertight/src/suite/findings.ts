import { createHash } from "node:crypto";
import { relative } from "node:path";
import type { Finding, FindingKind, Holder } from "../finding.ts";
import { groupBy } from "../internal/group-by.ts";
import { ADVICE } from "./advice.ts";
import type { SuiteObservation } from "./round.ts";
import { sum } from "./summary.ts";

/** So many pairs of users a check are listed; the routing matrix shows all who received something. */
const MAX_PAIRS = 20;

/** How to address a finding and to see it again. */
export interface FindingContext {
  readonly check: string;
  readonly replay: string;
  /** Files below it are named from here, so that a report tells nothing of the machine. */
  readonly folder: string;
}

/**
 * Turns what a check saw into findings: what is the same story told of several users or in several
 * rounds becomes one, leaks stay one a pair of users, and the most frequent come first.
 */
export function toFindings(
  observations: readonly SuiteObservation[],
  context: FindingContext,
): Finding[] {
  const rounds = [...groupBy(observations, ({ pattern }) => pattern.name).values()];
  const stories = [...groupBy(rounds.flatMap(withSwaps), storyOf).values()];
  const findings = stories.map((story) => toFinding(story, context));
  findings.sort((a, b) => b.occurrences - a.occurrences);
  const received = findings.filter(({ kind }) => isPair(kind) && kind !== "outbound-leak");
  const sent = findings.filter(({ kind }) => kind === "outbound-leak");
  return [
    ...received.slice(0, MAX_PAIRS),
    ...sent.slice(0, MAX_PAIRS),
    ...findings.filter(({ kind }) => !isPair(kind)),
  ];
}

/** What one user got of another is told for each pair; everything else once, with a count. */
function isPair(kind: FindingKind): boolean {
  return kind === "leak" || kind === "swap" || kind === "outbound-leak";
}

function storyOf({ kind, from, to }: SuiteObservation): string {
  return isPair(kind) ? `${kind} ${from} ${to}` : kind;
}

function toFinding(story: readonly SuiteObservation[], context: FindingContext): Finding {
  const first = story[0] as SuiteObservation;
  const { check, replay, folder } = context;
  const key = [check, first.kind, first.from ?? "", first.to ?? ""].join(" ");
  const others = new Set(story.map(({ to }) => to)).size - 1;
  const occurrences = sum(story.map((observation) => observation.occurrences));
  return {
    ...first,
    id: `wt-${createHash("sha256").update(key).digest("hex").slice(0, 6)}`,
    check,
    title: titleOf(first, occurrences, others),
    occurrences,
    heldIn: heldInOf(story).map((holder) => fromFolder(holder, folder)),
    replay,
    fix: ADVICE[first.kind],
  };
}

function heldInOf(story: readonly SuiteObservation[]): readonly Holder[] {
  return story.find(({ heldIn }) => (heldIn?.length ?? 0) > 0)?.heldIn ?? [];
}

function fromFolder(holder: Holder, folder: string): Holder {
  const path = holder.file === undefined ? "" : relative(folder, holder.file);
  return path === "" || path.startsWith("..") ? holder : { ...holder, file: path };
}

function titleOf(first: SuiteObservation, occurrences: number, others: number): string {
  // What is no canary has a story of its own, which says more than a count.
  if (first.kind === "leak" && first.canary === undefined) return first.title;
  if (first.kind === "leak") return leakTitle(first, occurrences);
  if (first.kind !== "outbound-leak") return first.title + andOthers(others);
  return occurrences === 1 ? first.title : `${first.title}; ${occurrences} such messages`;
}

function leakTitle({ from, to }: SuiteObservation, frames: number): string {
  const what = frames === 1 ? "1 frame that belongs" : `${frames} frames that belong`;
  return `${to} received ${what} to ${from}`;
}

function andOthers(others: number): string {
  if (others <= 0) return "";
  return `; the same for ${others} other ${others === 1 ? "user" : "users"}`;
}

/**
 * Two users who got each other's events, the same number both ways, and each of whom misses own
 * ones: that is a swap, not two leaks and two losses.
 */
function withSwaps(observations: readonly SuiteObservation[]): readonly SuiteObservation[] {
  const leaks = observations.filter(({ kind }) => kind === "leak");
  const byPair = new Map(leaks.map((leak) => [`${leak.from} ${leak.to}`, leak]));
  const losers = new Set(observations.filter(({ kind }) => kind === "loss").map(({ to }) => to));
  const leaksTo = groupBy(leaks, ({ to }) => to);
  return observations.flatMap((leak): SuiteObservation[] => {
    const back = byPair.get(`${leak.to} ${leak.from}`);
    const isSwap =
      leak.kind === "leak" &&
      back !== undefined &&
      losers.has(leak.to) &&
      losers.has(leak.from) &&
      leaksTo.get(leak.to)?.length === 1 &&
      leaksTo.get(leak.from)?.length === 1;
    if (!isSwap) return [leak];
    if (String(leak.from) > String(leak.to)) return [];
    const title = `${leak.to} and ${leak.from} received each other's events`;
    return [{ ...leak, kind: "swap", title, occurrences: leak.occurrences + back.occurrences }];
  });
}
