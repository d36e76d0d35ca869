import { expect, it } from "vitest";
import { renderJson } from "../../src/reporters/json.ts";
import { broadcastReport } from "./sample-report.ts";

it("JSON is the whole report, nothing more, and ends with a line", () => {
  const report = broadcastReport(5);

  const text = renderJson(report);

  expect(JSON.parse(text)).toEqual(report);
  expect(text.endsWith("}\n")).toBe(true);
  expect(text).toContain('\n  "version": 1,\n');
});
