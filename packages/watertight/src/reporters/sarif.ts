import type { Finding } from "../finding.ts";
import type { Report } from "../report.ts";
import { findingBlock, findingHeadline } from "./finding-text.ts";
import { allKinds, KINDS } from "./kinds.ts";
import type { PlaceOptions } from "./place.ts";
import { oneLine } from "./plain-text.ts";
import { codeFlowsOf, locationsOf } from "./sarif-locations.ts";
import { checksOf, findingsOf, knownAs, verdictOf } from "./standing.ts";

const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/**
 * The findings as SARIF 2.1.0: a rule for each kind, a result for each finding at the place that
 * holds the data (the config, if there is none), with its fingerprint. Checks that were inconclusive
 * are notifications of the run. Excerpts of frames are left out.
 */
export function renderSarif(report: Report, options: PlaceOptions): string {
  const log = { $schema: SCHEMA, version: "2.1.0", runs: [toRun(report, options)] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function toRun(report: Report, options: PlaceOptions): object {
  const { tool, target, seed, users, again, verdict } = report;
  return {
    tool: {
      driver: {
        name: tool.name,
        version: tool.version,
        semanticVersion: tool.version,
        rules: allKinds().map(toRule),
      },
    },
    automationDetails: { id: `watertight/${target.label}/` },
    invocations: [toInvocation(report)],
    results: [...findingsOf(report), ...(report.exposed ?? [])].map((finding) =>
      toResult(report, finding, options),
    ),
    columnKind: "utf16CodeUnits",
    properties: { verdict, counted: verdictOf(report), seed, users, again },
  };
}

function toRule(id: ReturnType<typeof allKinds>[number]): object {
  const { what, help, page } = KINDS[id];
  const [level, problem] = id === "logged" ? ["note", "recommendation"] : ["error", "error"];
  return {
    id,
    name: id.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: what },
    fullDescription: { text: what },
    help: { text: `${help} See ${page}.`, markdown: `${help}\n\nSee \`${page}\`.` },
    defaultConfiguration: { level },
    properties: { tags: ["isolation"], "problem.severity": problem },
  };
}

function toInvocation(report: Report): object {
  const start = new Date(report.startedAt);
  const times = Number.isNaN(start.getTime())
    ? {}
    : {
        startTimeUtc: start.toISOString(),
        endTimeUtc: new Date(start.getTime() + report.durationMs).toISOString(),
      };
  const unsure = checksOf(report).filter(({ verdict }) => verdict === "inconclusive");
  return {
    executionSuccessful: true,
    ...times,
    toolExecutionNotifications: unsure.map(({ id, title, reason }) => ({
      level: "error",
      message: { text: oneLine(`${id} ${title} is inconclusive: ${reason}`) },
      descriptor: { id: "inconclusive" },
    })),
  };
}

function toResult(report: Report, finding: Finding, options: PlaceOptions): object {
  const known = knownAs(report, finding);
  const { kind, tier, check, replay, id } = finding;
  const state = known === undefined ? "new" : "unchanged";
  return {
    ruleId: kind,
    ruleIndex: allKinds().indexOf(kind),
    level: tier === "exposed" ? "note" : "error",
    kind: "fail",
    message: { text: findingHeadline(finding) },
    ...locationsOf(finding, options),
    ...codeFlowsOf(finding, options),
    partialFingerprints: { "watertightFinding/v1": id },
    ...(report.baseline === undefined ? {} : { baselineState: state }),
    ...(known === undefined
      ? {}
      : {
          suppressions: [{ kind: "external", status: "accepted", justification: known.reason }],
        }),
    occurrenceCount: Math.max(1, finding.occurrences),
    properties: { check, tier, replay, details: findingBlock(finding) },
  };
}
