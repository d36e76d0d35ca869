import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/report.ts";
import { renderCtrf } from "../../src/reporters/ctrf.ts";
import { comparedReport, hostileReport, knownReport } from "./changed-report.ts";
import {
  broadcastReport,
  inconclusiveReport,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";

const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, "schemas/ctrf-1.0.json"), "utf8"),
) as object;

interface Document {
  readonly results: {
    readonly summary: Readonly<Record<string, number>>;
    readonly tests: readonly Readonly<Record<string, unknown>>[];
  };
}

function errorsOf(value: unknown): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(SCHEMA);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function read(report: Report): Document {
  return JSON.parse(renderCtrf(report)) as Document;
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

describe("CTRF", () => {
  it.each(REPORTS)("of %s follows its schema, and its summary its tests", (_, create) => {
    const document = read(create());
    const { summary, tests } = document.results;

    expect(errorsOf(document)).toEqual([]);
    for (const status of ["passed", "failed", "skipped"]) {
      expect(tests.filter((test) => test["status"] === status)).toHaveLength(summary[status] ?? -1);
    }
    expect(summary["tests"]).toBe(tests.length);
  });

  it("is checked by a schema that notices an unknown status and a missing time", () => {
    const document = read(passedReport());
    const [first] = document.results.tests as Record<string, unknown>[];
    expect(first).toBeDefined();
    if (first !== undefined) first["status"] = "green";
    delete (document.results.summary as Record<string, number>)["start"];
    expect(errorsOf(document)).toHaveLength(2);
  });

  it("counts inconclusive as failed and known as skipped, and says so", () => {
    expect(read(inconclusiveReport()).results.tests[0]).toMatchObject({
      status: "failed",
      rawStatus: "inconclusive",
    });
    expect(read(knownReport()).results.tests[3]).toMatchObject({
      status: "skipped",
      rawStatus: "known",
    });
    expect(read(knownReport()).results.summary["failed"]).toBe(0);
  });

  it("names the place of a failure, and holds no excerpt", () => {
    const test = read(singleLeakReport()).results.tests[3];

    expect(test).toMatchObject({
      name: "2.1 event routing",
      filePath: "examples/singleton-backend/src/web-socket-manager.ts",
      line: 31,
    });
    expect(renderCtrf(broadcastReport())).not.toContain("You asked me to remember");
  });
});
