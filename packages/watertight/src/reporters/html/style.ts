import { CHARTS_STYLE } from "./style-charts.ts";
import { FINDINGS_STYLE } from "./style-findings.ts";
import { MATRIX_STYLE } from "./style-matrix.ts";
import { PAGE_STYLE } from "./style-page.ts";
import { RESULTS_STYLE } from "./style-results.ts";

const LIGHT = `
  --paper: #f5f8f9; --sheet: #ffffff; --ink: #0e2130; --muted: #4d606d; --line: #b9c6ce; --hair: #dde5e9;
  --calm: #0b7a61; --alarm: #c92d1a; --unsure: #865600; --lent: #2f6798; --on-mark: #ffffff;
  --dark-cell: #e6edf0; --alarm-wash: #fbe9e5; --code: #eaf0f3;`;

const DARK = `
  --paper: #0a131b; --sheet: #101c26; --ink: #e6eef3; --muted: #9db0bd; --line: #3a4e5c; --hair: #1f2f3b;
  --calm: #34c79a; --alarm: #ff654b; --unsure: #e8b64e; --lent: #74b0e6; --on-mark: #0a131b;
  --dark-cell: #16242f; --alarm-wash: #351a18; --code: #172530;`;

/** The whole style of the page; light or dark as the reader's system is, light on paper. */
export const STYLE: string = `
:root { color-scheme: light dark;${LIGHT}
  --text: -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --drawn: "DIN Alternate", Bahnschrift, "Roboto Condensed", "Liberation Sans", var(--text);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root {${DARK} } }
@media print { :root { color-scheme: light;${LIGHT} } }
${PAGE_STYLE}${RESULTS_STYLE}${MATRIX_STYLE}${CHARTS_STYLE}${FINDINGS_STYLE}`;
