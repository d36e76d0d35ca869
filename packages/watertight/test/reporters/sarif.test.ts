import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import type { FindingKind } from "../../src/finding.ts";
import type { Report } from "../../src/report.ts";
import { allKinds, KINDS } from "../../src/reporters/kinds.ts";
import { renderSarif } from "../../src/reporters/sarif.ts";
import { ADVICE } from "../../src/suite/advice.ts";
import { comparedReport, hostileReport, knownReport, reportWith } from "./changed-report.ts";
import {
  broadcastReport,
  inconclusiveReport,
  leakFinding,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";

const PLACES = { prefix: "", configFile: "watertight.config.ts" };
const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, "schemas/sarif-2.1.0.json"), "utf8"),
) as object;

interface Location {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
    readonly region: { readonly startLine: number };
  };
  readonly message?: { readonly text: string };
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly invocations: readonly { readonly toolExecutionNotifications: readonly object[] }[];
  readonly results: readonly {
    readonly ruleId: FindingKind;
    readonly ruleIndex: number;
    readonly message: { readonly text: string };
    readonly locations: readonly Location[];
    readonly relatedLocations?: readonly Location[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly baselineState?: string;
    readonly suppressions?: readonly { readonly justification: string }[];
    readonly codeFlows?: readonly {
      readonly threadFlows: readonly { readonly locations: readonly { location: Location }[] }[];
    }[];
  }[];
}

/** What does not follow the schema; formats of texts aside. */
function errorsOf(value: unknown): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(SCHEMA);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function runOf(report: Report, options = PLACES): Run {
  return (JSON.parse(renderSarif(report, options)) as { runs: [Run] }).runs[0];
}

const REPORTS: readonly [string, () => Report][] = [
  ["a pass", passedReport],
  ["a leak", singleLeakReport],
  ["a broadcast", broadcastReport],
  ["nothing proved", inconclusiveReport],
  ["a baseline", comparedReport],
  ["known findings", knownReport],
  ["hostile texts", hostileReport],
];

describe("SARIF", () => {
  it.each(REPORTS)("of %s follows the schema of the standard", (_, create) => {
    expect(errorsOf(JSON.parse(renderSarif(create(), PLACES)))).toEqual([]);
  });

  it("is checked by a schema that notices a missing message, a wrong level and an unknown key", () => {
    const log = JSON.parse(renderSarif(singleLeakReport(), PLACES)) as {
      runs: [{ results: [Record<string, unknown>] }];
    };
    const [result] = log.runs[0].results;
    delete result["message"];
    result["level"] = "catastrophe";
    result["colour"] = "red";
    expect(errorsOf(log)).toHaveLength(3);
  });

  it("has a rule for each kind, with the page that the tool advises", () => {
    const { rules } = runOf(passedReport()).tool.driver;
    expect(rules.map(({ id }) => id)).toEqual(allKinds());
    for (const kind of allKinds()) expect(KINDS[kind].page).toBe(ADVICE[kind].page);
  });

  it("places a finding where the data was held, first the most telling place", () => {
    const run = runOf(singleLeakReport());
    const [result] = run.results;

    expect(run.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe("leak");
    expect(result?.locations).toMatchObject([
      {
        physicalLocation: {
          artifactLocation: {
            uri: "examples/singleton-backend/src/web-socket-manager.ts",
            uriBaseId: "%SRCROOT%",
          },
          region: { startLine: 31, startColumn: 5 },
        },
      },
    ]);
    expect(result?.relatedLocations).toHaveLength(1);
    expect(result?.partialFingerprints).toEqual({
      "watertightFinding/v1": leakFinding(7, 3, 4).id,
    });
  });

  it("follows the data from the variable to the frame", () => {
    const [flow] = runOf(singleLeakReport()).results[0]?.codeFlows ?? [];
    const steps = flow?.threadFlows[0]?.locations.map(({ location }) => location.message?.text);

    expect(steps?.[0]).toBe("module variable managerInstance holds data of 50 users");
    expect(steps?.[1]).toBe("holds #usersByThread");
    expect(steps?.at(-1)).toContain("user-03 received 4 frames");
  });

  it("places a finding without a place at the config", () => {
    const [result] = runOf(reportWith([leakFinding(1, 2, 3, { heldIn: [] })])).results;

    expect(result?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(PLACES.configFile);
    expect(result?.codeFlows).toBeUndefined();
  });

  it("names files from the root of the repository, escaped, and those outside of it absolutely", () => {
    const at = (file: string, prefix = ""): object | undefined => {
      const heldIn = leakFinding(1, 2, 3).heldIn.map((holder) => ({ ...holder, file }));
      const report = reportWith([leakFinding(1, 2, 3, { heldIn })]);
      const [result] = runOf(report, { ...PLACES, prefix }).results;
      return result?.locations[0]?.physicalLocation.artifactLocation;
    };

    expect(at("src/a b.ts", "apps/chat")).toMatchObject({ uri: "apps/chat/src/a%20b.ts" });
    expect(at("../lib/a.ts", "apps/chat")).toMatchObject({ uri: "apps/lib/a.ts" });
    expect(at("src\\a.ts")).toMatchObject({ uri: "src/a.ts" });
    expect(at("/opt/a.ts", "apps")).toEqual({ uri: "file:///opt/a.ts" });
  });

  it("tells of checks that were inconclusive", () => {
    expect(runOf(inconclusiveReport()).invocations[0]?.toolExecutionNotifications).toHaveLength(2);
    expect(runOf(passedReport()).invocations[0]?.toolExecutionNotifications).toEqual([]);
  });

  it("suppresses what is known, with the reason, and nothing else", () => {
    const [known, fresh] = runOf(comparedReport()).results;

    expect(known).toMatchObject({
      baselineState: "unchanged",
      suppressions: [{ justification: "fixed in May" }],
    });
    expect(fresh).toMatchObject({ baselineState: "new" });
    expect(fresh?.suppressions).toBeUndefined();
    expect(runOf(singleLeakReport()).results[0]?.baselineState).toBeUndefined();
  });

  it("holds nothing of a frame but the beginning of a canary", () => {
    expect(renderSarif(broadcastReport(), PLACES)).not.toContain("You asked me to remember");
  });
});
