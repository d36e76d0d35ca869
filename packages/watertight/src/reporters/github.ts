import type { Finding } from "../finding.ts";
import type { Report } from "../report.ts";
import { baselineSummary, comparedText } from "./baseline-sentences.ts";
import { findingHeadline, findingRows } from "./finding-text.ts";
import { type PlaceOptions, placed, repositoryPath } from "./place.ts";
import { oneLine, plural } from "./plain-text.ts";
import { checksOf, findingsOf, knownAs, standingOf } from "./standing.ts";

/** GitHub shows no more errors of a step. */
const MAX_ERRORS = 10;

interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Workflow commands that annotate a GitHub run: an error for each finding, for each check that was
 * inconclusive and for each number that is worse than the baseline, ten at most; a notice counts the
 * others and what is known. Empty if there is nothing to say.
 */
export function renderGithub(report: Report, options: PlaceOptions): string {
  const { baseline } = report;
  const fresh = findingsOf(report).filter((finding) => knownAs(report, finding) === undefined);
  const errors = [
    ...oneOfEachFirst(fresh).map((finding) => findingAnnotation(finding, options)),
    ...inconclusiveAnnotations(report),
    ...(baseline?.numbers ?? [])
      .filter(({ outcome }) => outcome === "worse")
      .map((number) => ({ title: "worse than the baseline", message: comparedText(number) })),
    ...(baseline?.strict === true ? baseline.stale : []).map(({ id, title }) => ({
      title: `stale entry ${id} of the baseline`,
      message: title,
    })),
  ];
  const lines = errors.slice(0, MAX_ERRORS).map((annotation) => command("error", annotation));
  const rest = errors.length - lines.length;
  const more = rest > 0 ? [`${plural(rest, "more error")}: see the report of this run`] : [];
  const known =
    baseline === undefined ? [] : [baselineSummary(baseline, findingsOf(report).length)];
  const notice = [...more, ...known].join(". ");
  if (notice !== "") lines.push(command("notice", { title: "watertight", message: notice }));
  return lines.map((line) => `${line}\n`).join("");
}

/** Twenty pairs of users must not hide that there is another kind of finding. */
function oneOfEachFirst(findings: readonly Finding[]): readonly Finding[] {
  const isFirst = ({ check, kind }: Finding, place: number): boolean =>
    findings.findIndex((other) => other.check === check && other.kind === kind) === place;
  return [
    ...findings.filter((finding, place) => isFirst(finding, place)),
    ...findings.filter((finding, place) => !isFirst(finding, place)),
  ];
}

function findingAnnotation(finding: Finding, options: PlaceOptions): Annotation {
  const [holder] = placed(finding.heldIn);
  const rows = findingRows(finding).map(([label, text]) => `${label}: ${text}`);
  return {
    title: `${finding.check} ${finding.kind}, ${finding.tier}`,
    message: [findingHeadline(finding), ...rows].join("\n"),
    file: repositoryPath(holder?.file ?? options.configFile, options),
    line: holder?.line ?? 1,
    ...(holder?.column === undefined ? {} : { column: holder.column }),
  };
}

function inconclusiveAnnotations(report: Report): readonly Annotation[] {
  return checksOf(report)
    .filter((check) => standingOf(report, check) === "inconclusive")
    .map(({ id, title, reason }) => ({
      title: `${id} ${title}: inconclusive`,
      message: oneLine(reason),
    }));
}

function command(name: "error" | "notice", annotation: Annotation): string {
  const { title, message, file, line, column } = annotation;
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${properties.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
