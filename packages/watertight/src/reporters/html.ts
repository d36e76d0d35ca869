import { createHash } from "node:crypto";
import type { Report } from "../report.ts";
import { renderBaseline } from "./html/baseline.ts";
import { renderCategories } from "./html/categories.ts";
import { renderExposed } from "./html/exposed.ts";
import { renderFindings } from "./html/findings.ts";
import { renderLoad } from "./html/load.ts";
import { Markup, markup } from "./html/markup.ts";
import { renderMatrix } from "./html/matrix.ts";
import { renderMemory } from "./html/memory.ts";
import { renderMetrics } from "./html/metrics.ts";
import { section, SYMBOLS } from "./html/parts.ts";
import { SCRIPT } from "./html/script.ts";
import { STYLE } from "./html/style.ts";
import { checksOf } from "./html/summary.ts";
import { count, VERDICT_WORD } from "./html/text.ts";
import { renderVerdict } from "./html/verdict.ts";

/**
 * The report as one HTML file that loads nothing: it can be mailed, archived and opened offline,
 * reads without scripts, and shows whatever a target sent as text. The same report gives the same
 * bytes.
 */
export function renderHtml(report: Report): string {
  const { verdict, target, tool } = report;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}">
<meta name="color-scheme" content="light dark">
<title>${VERDICT_WORD[verdict]}: ${target.label}, watertight report</title>
<style>${Markup.trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
${SYMBOLS}
${renderVerdict(report)}
${renderNavigation(report)}
<main id="main">
${renderBaseline(report)}
${renderMetrics(report)}
${renderMatrix(report)}
${renderLoad(report)}
${renderMemory(report)}
${renderCategories(report)}
${renderFindings(report)}
${renderExposed(report)}
${renderNotCovered(report)}
</main>
<footer><p>${tool.name} ${tool.version}</p></footer>
<script>${Markup.trusted(SCRIPT)}</script>
</body>
</html>
`;
  return page.toString();
}

/** Nothing is loaded from anywhere, and only the style and the script of this tool take effect. */
function contentSecurityPolicy(): string {
  const inline = (text: string): string =>
    `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${inline(STYLE)}`,
    `script-src ${inline(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function renderNavigation(report: Report): Markup {
  const checks = checksOf(report);
  const { exposed = [] } = report;
  const passed = checks.filter(({ verdict }) => verdict === "passed").length;
  const findings = checks.reduce((sum, check) => sum + check.findings.length, 0);
  return markup`<nav class="contents" aria-label="Parts of this report"><ul>
${report.baseline !== undefined && markup`<li><a href="#baseline">Baseline</a></li>`}
<li><a href="#metrics">Metrics</a></li>
<li><a href="#matrix">Who reached whom</a></li>
${report.performance !== null && markup`<li><a href="#load">Under load</a></li>`}
${report.memory !== null && markup`<li><a href="#memory">Memory</a></li>`}
<li><a href="#checks">Checks <span class="tally">${passed} of ${checks.length} passed</span></a></li>
${findings > 0 && markup`<li><a href="#findings">Findings <span class="tally">${count(findings)}</span></a></li>`}
${exposed.length > 0 && markup`<li><a href="#exposed">Printed <span class="tally">${count(exposed.length)}</span></a></li>`}
<li><a href="#not-covered">Not covered</a></li>
</ul></nav>
`;
}

function renderNotCovered({ notCovered }: Report): Markup {
  const gaps = notCovered.map(
    (gap) => markup`<li>${gap}</li>
`,
  );
  const list = markup`<p>What was not looked at, this report says nothing about.</p>
<ul class="gaps">${gaps}</ul>`;
  const nothing = markup`<p>The suite knows of nothing that it left out.</p>`;
  return section("not-covered", "Not covered", notCovered.length === 0 ? nothing : list);
}
