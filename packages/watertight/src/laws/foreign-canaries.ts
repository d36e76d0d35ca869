import type { CanaryBook } from "../canary.ts";
import { type CanaryHit, scanForCanaries } from "../detectors/canary-scan.ts";
import { createNeedles } from "../detectors/needles.ts";
import type { Received } from "../received.ts";
import type { UserIdentity } from "../simulate/simulated-user.ts";
import { createAssertion, framesAbove } from "./assertion.ts";

/** What was received by whom, and whose secrets were about; `playRound` answers it. */
export interface Reception {
  readonly book: CanaryBook;
  readonly users: readonly UserIdentity[];
  readonly received: readonly Received[];
  /** Where it is known how users fared, a failed one proves nothing. */
  readonly outcomes?: readonly { readonly error?: unknown }[];
}

const SHOWN = 3;

/**
 * Holds if nobody received a canary of somebody else, in any form that is looked for, and everybody
 * received one of their own: of a user who heard nothing, nothing is known. Throws an AssertionError
 * that names who received what.
 */
export function expectNoForeignCanaries(reception: Reception): void {
  const needles = createNeedles();
  const hits = reception.received.flatMap((piece) =>
    scanForCanaries(piece, reception.book, needles),
  );
  const problem = findForeign(reception, hits) ?? findUnproved(reception, hits);
  if (problem !== undefined) throw createAssertion(problem, framesAbove(expectNoForeignCanaries));
}

function findForeign({ users }: Reception, hits: readonly CanaryHit[]): string | undefined {
  const foreign = hits.filter(({ owner, received }) => owner.user !== received.user);
  if (foreign.length === 0) return undefined;
  const lines = foreign.slice(0, SHOWN).map(({ received, owner, encoding }) => {
    const place = `${received.connection} frame ${received.index}`;
    return `  ${place} carries "${owner.label}" of ${nameOf(users, owner.user)} (${encoding})`;
  });
  const others = foreign.length - lines.length;
  const rest = others === 0 ? [] : [`  … and ${others} more`];
  return ["Expected nobody to receive what belongs to others, but:", ...lines, ...rest].join("\n");
}

/** The positive control. */
function findUnproved(reception: Reception, hits: readonly CanaryHit[]): string | undefined {
  const { users, outcomes = [] } = reception;
  const failed = outcomes.filter(({ error }) => error !== undefined);
  if (failed[0] !== undefined) {
    const { error } = failed[0];
    const reason = error instanceof Error ? error.message : String(error);
    return `Expected every user to come through, but ${failed.length} of ${users.length} failed, so nothing was proved. The first: ${reason}`;
  }
  const served = new Set(
    hits.flatMap(({ owner, received }) => (owner.user === received.user ? [owner.user] : [])),
  );
  const unserved = users.filter(({ number }) => !served.has(number));
  if (users.length > 1 && unserved.length === 0) return undefined;
  return users.length < 2
    ? `Expected two users or more, got ${users.length}: a lone one proves nothing.`
    : `Expected every user to receive a canary of their own, but ${unserved.length} of ${users.length} did not, so nothing was proved. The first: ${unserved[0]?.name}`;
}

function nameOf(users: readonly UserIdentity[], user: number): string {
  return users.find(({ number }) => number === user)?.name ?? `user ${user}`;
}
