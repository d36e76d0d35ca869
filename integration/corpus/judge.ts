import { type Case, isControl, type Side, SIDES } from "./cases.ts";
import type { SideResult } from "./check-side.ts";

/** Whether a side came to what is expected of it. */
export function isAsExpected({ expect }: Case, side: Side, result: SideResult): boolean {
  const isSilent = result.verdict !== "failed" && result.findings === 0;
  if (expect[side] === "proved") return result.proofs > 0;
  return isSilent && (expect[side] === "silent" || result.verdict === "passed");
}

/** What was made of a case and side: `undefined` where it could not be made. */
export interface Judged {
  readonly target: Case;
  readonly side: Side;
  readonly result: SideResult | undefined;
}

/** The totals in one line, and whether everything that was made is as expected. */
export function conclude(judged: readonly Judged[]): {
  readonly text: string;
  readonly isGood: boolean;
} {
  const isKept = ({ target, side, result }: Judged): boolean =>
    result !== undefined && isAsExpected(target, side, result);
  const leaks = judged.filter(({ target }) => !isControl(target));
  const controls = judged.filter(({ target }) => isControl(target));
  const done = { vulnerable: "proved", fixed: "without a finding" };
  const counts = SIDES.map((side) => leaks.filter((one) => one.side === side))
    .map((all, place) => ({ side: SIDES[place] as Side, all, kept: all.filter(isKept) }))
    .filter(({ all }) => all.length > 0)
    .map(({ side, all, kept }) => `${side} ${kept.length} of ${all.length} ${done[side]}`);
  const silent = controls.filter(isKept).length;
  if (controls.length > 0) {
    counts.push(`controls ${silent} of ${controls.length} silent`);
  }
  return { text: counts.join(", "), isGood: judged.length > 0 && judged.every(isKept) };
}

/** What a side came to, in a few words. */
export function tell(result: SideResult): string {
  const { verdict, proofs, first, control, durationMs, seed } = result;
  const own = `${control.received} of ${control.expected} own secrets came home`;
  const rest = `${own}, ${seconds(durationMs)} s, seed ${seed}`;
  if (first === undefined) return `${verdict}, ${result.findings} findings; ${rest}`;
  const { kind, check, pattern, afterMs } = first;
  const after = afterMs === undefined ? "" : ` after ${seconds(afterMs)} s`;
  return `${verdict}, ${proofs} proofs, first a ${kind} by "${pattern}" (${check})${after}; ${rest}`;
}

/** With one digit after the point. */
export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
