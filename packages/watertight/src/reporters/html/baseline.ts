import type { Report } from "../../report.ts";
import { baselineDetails, baselineSummary } from "../baseline-sentences.ts";
import { type Content, markup } from "./markup.ts";
import { section } from "./parts.ts";
import { checksOf } from "./summary.ts";

/** What a run counts for beside its baseline, and why; the verdict on top stays what was seen. */
export function renderBaseline(report: Report): Content {
  const { baseline } = report;
  if (baseline === undefined) return undefined;
  const findings = checksOf(report).reduce((sum, check) => sum + check.findings.length, 0);
  const details = baselineDetails(baseline).map(
    (detail) => markup`<li>${detail}</li>
`,
  );
  return section(
    "baseline",
    "Beside the baseline",
    markup`<p><b>This run counts as ${baseline.verdict}.</b> ${baselineSummary(baseline, findings)}.</p>
${details.length > 0 && markup`<ul class="gaps">${details}</ul>`}`,
  );
}
