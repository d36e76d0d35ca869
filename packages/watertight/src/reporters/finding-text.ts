import type { Finding, Holder, Measurement, Reproduction, Smallest } from "../finding.ts";
import { number, oneLine } from "./plain-text.ts";

/** What stands on a line of a finding, and its name: `fix`, `make the object …`. */
export type FindingRow = readonly [label: string, text: string];

const LABEL_WIDTH = 10;
/** So many places are shown where findings are listed. */
export const SHOWN_HOLDERS = 2;
/** So much of a canary tells it from others, and is no secret. */
const SHOWN_TOKEN = 12;

/** Who, what, and the first frame that shows it. */
export function findingHeadline({ kind, title, frame, canary }: Finding): string {
  if (frame === undefined) return oneLine(title);
  const token = canary === undefined ? "" : `, canary ${canary.token.slice(0, SHOWN_TOKEN)}…`;
  const { connection, index, type } = frame;
  const place = kind === "outbound-leak" ? `${connection} message` : `${connection} frame`;
  return oneLine(`${title} (first: ${place} ${index}, ${type}${token})`);
}

/** Everything else that a person needs of a finding; the excerpt of the frame is left out. */
export function findingRows(finding: Finding): readonly FindingRow[] {
  const { tier, expected, heldIn, pattern, replay, fix, lacks, id } = finding;
  const { measured = [], reproduction, smallest } = finding;
  const rows: (readonly [string, string | undefined])[] = [
    ["expected", expected],
    ...measured.map((one) => ["measured", measurementText(one)] as const),
    ...heldIn.slice(0, SHOWN_HOLDERS).map((holder) => ["held in", holderText(holder)] as const),
    ["pattern", `${pattern.name}, seed ${pattern.seed} — replay: ${replay}`],
    ["repeats", reproduction === undefined ? undefined : reproductionText(reproduction)],
    ["suffices", smallest === undefined ? undefined : smallestText(smallest)],
    ["fix", `${fix.text}: ${fix.page}`],
    ["lacks", lacks],
    ["evidence", `${tier}, ${id}`],
  ];
  return rows.flatMap(([label, text]): FindingRow[] =>
    text === undefined ? [] : [[label, oneLine(text)]],
  );
}

/** What can be read where operators read: what, and what to do about it. */
export function exposureText({ title, fix }: Finding): string {
  return oneLine(`${title} — ${fix.text}: ${fix.page}`);
}

/** A finding as a block of plain lines. */
export function findingBlock(finding: Finding): string {
  const rows = findingRows(finding).map(([label, text]) => labelled(label, text));
  return [findingHeadline(finding), ...rows.map((row) => `  ${row}`)].join("\n");
}

/** The label, padded, before its text. */
export function labelled(label: string, text: string): string {
  return label.padEnd(LABEL_WIDTH) + text;
}

/** `heap growth per user who left: 4,412 [4,120; 4,690] B, limit 1,024 B`. */
export function measurementText({ name, value, low, high, unit, limit }: Measurement): string {
  const interval =
    low === undefined || high === undefined ? "" : ` [${number(low)}; ${number(high)}]`;
  const suffix = unit === "" ? "" : ` ${unit}`;
  const most = limit === undefined ? "" : `, limit ${number(limit)}${suffix}`;
  return `${name}: ${number(value)}${interval}${suffix}${most}`;
}

/** `17 of 20 under the same delays; 0 of 20 with users one after another`. */
export function reproductionText({ delayed, oneAfterAnother }: Reproduction): string {
  const same = `${delayed.failed} of ${delayed.of} under the same delays`;
  return `${same}; ${oneAfterAnother.failed} of ${oneAfterAnother.of} with users one after another`;
}

/** `user-00, user-01 with step 2: again in 3 of 3 tries; one after another in 0 of 3`. */
export function smallestText({ users, steps, again, oneAfterAnother }: Smallest): string {
  const who = users.length > 4 ? `${users.length} users` : users.join(", ");
  const which = steps === undefined ? "" : ` with step ${steps.join(", ")}`;
  return `${who}${which}: again in ${again.failed} of ${again.of} tries; one after another in ${oneAfterAnother.failed} of ${oneAfterAnother.of}`;
}

/** `src/bridge.ts:26   module variable bridgeInstance → AgentWebSocketBridge → Map`. */
export function holderText({ file, line, variable, path, kind }: Holder): string {
  const place = [file, line].filter((part) => part !== undefined).join(":");
  const [, ...steps] = path.split(" → ");
  const way = [`${kind} ${variable}`, ...steps].join(" → ");
  return place === "" ? way : `${place}   ${way}`;
}
