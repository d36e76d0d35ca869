import type { Fairness, Report, ScalabilityFit } from "../../report.ts";
import {
  PERCENTILE_COLUMNS,
  percentileRow,
  renderResponseTime,
  times,
} from "./charts/response-time.ts";
import { renderTable } from "./charts/chart-figure.ts";
import { renderThroughput } from "./charts/throughput.ts";
import { type Content, markup, type Markup } from "./markup.ts";
import { section } from "./parts.ts";
import { share, significant } from "./quantity.ts";
import { count, milliseconds, sentence, unbroken } from "./text.ts";

/** What time did under load: two charts, the scaling law in words, and what a flood does to others. */
export function renderLoad({ performance }: Report): Content {
  if (performance === null) return undefined;
  const points = performance.points.toSorted((a, b) => a.users - b.users);
  const { fit, fairness } = performance;
  const content =
    points.length === 0
      ? markup`<p>No load was measured: no user completed an operation.</p>`
      : markup`<div class="charts">
${renderResponseTime({ ...performance, points })}${renderThroughput({ ...performance, points })}</div>
${fit !== null && renderFit(fit, points.at(-1)?.users ?? 0)}
${fairness !== null && renderFairness(fairness)}`;
  return section("load", "Under load", content);
}

interface Coefficient {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

function renderFit(fit: ScalabilityFit, tried: number): Markup {
  const { lambda, contention, coherency, residual } = fit;
  const coefficients: readonly Coefficient[] = [
    {
      name: "Alone, λ",
      value: significant(lambda),
      meaning: "operations per second of a lone user",
    },
    {
      name: "Contention, σ",
      value: share(contention),
      meaning: "of the work is done by one user after another",
    },
    {
      name: "Coherency, κ",
      value: share(coherency),
      meaning: "of an operation is what each pair of users costs",
    },
    { name: "Peak", value: peakValue(fit), meaning: peakMeaning(fit, tried) },
    {
      name: "Residual",
      value: share(residual),
      meaning: "between the curve and what was measured (root mean square)",
    },
  ];
  return markup`<div class="law">
<h3>How it scales</h3>
<p class="statement">${unbroken(sentence(fit.words))}${!fit.words.endsWith(".") && "."}</p>
<dl class="coefficients">${coefficients.map(renderCoefficient)}</dl>
</div>
`;
}

function renderCoefficient({ name, value, meaning }: Coefficient): Markup {
  return markup`<div><dt>${name}</dt><dd><b>${value}</b> ${meaning}</dd></div>
`;
}

function peakValue({ peakUsers }: ScalabilityFit): string {
  return peakUsers === null ? "none" : count(Math.round(peakUsers));
}

function peakMeaning({ peakUsers }: ScalabilityFit, tried: number): string {
  if (peakUsers === null) return "no number of users makes the whole slower";
  const beyond = peakUsers > tried ? `, beyond the ${count(tried)} that were tried` : "";
  return `users; more of them make the whole slower${beyond}`;
}

function renderFairness({ beside, flooded }: Fairness): Markup {
  const ratio = flooded.p50 / beside.p50;
  const compared = Number.isFinite(ratio) ? `: ${times(ratio)}` : "";
  return markup`<div class="fairness">
<h3>While one user floods the server</h3>
<p class="statement">The others’ median went from ${milliseconds(beside.p50)} to ${milliseconds(flooded.p50)}${compared}.</p>
${renderTable({
  caption: "Response time of the others in milliseconds",
  columns: ["Beside", ...PERCENTILE_COLUMNS],
  rows: [percentileRow("as many polite users", beside), percentileRow("the flood of one", flooded)],
})}
</div>
`;
}
