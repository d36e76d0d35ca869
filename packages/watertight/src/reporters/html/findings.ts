import type { Finding, FrameEvidence, Holder } from "../../finding.ts";
import type { IsolationTestResult, Report } from "../../report.ts";
import { smallestText } from "../finding-text.ts";
import { markCanary } from "./excerpt.ts";
import { type Content, markup, type Markup } from "./markup.ts";
import { renderMeasured, reproductionText } from "./measured.ts";
import { command, fact, section } from "./parts.ts";
import { checksOf } from "./summary.ts";
import { count, milliseconds, plural, sentence } from "./text.ts";

/** So many findings of a check lie open; the others unfold. */
const OPEN_FINDINGS = 3;

/** Every finding with what proves it, by check; empty for a report without any. */
export function renderFindings(report: Report): Content {
  const checks = checksOf(report).filter(({ findings }) => findings.length > 0);
  if (checks.length === 0) return undefined;
  return section("findings", "Findings", [
    checks.length > 1 && renderIndex(checks),
    checks.map(renderCheckFindings),
  ]);
}

function renderIndex(checks: readonly IsolationTestResult[]): Markup {
  const items = checks.map(
    ({ id, title, findings }) =>
      markup`<li><a href="#findings-${id}"><span class="number">${id}</span> ${title}</a> <span class="tally">${count(findings.length)}</span></li>
`,
  );
  return markup`<nav class="index" aria-label="Findings by check"><ul>${items}</ul></nav>
`;
}

function renderCheckFindings({ id, title, findings }: IsolationTestResult): Markup {
  const open = findings.slice(0, OPEN_FINDINGS).map(renderOpen);
  const rest = findings.slice(OPEN_FINDINGS);
  return markup`<section class="of-check" id="findings-${id}" aria-labelledby="findings-${id}-title">
<h3 id="findings-${id}-title"><span class="number">${id}</span> ${title} <span class="score">${plural(findings.length, "finding")}</span></h3>
${open}
${rest.length > 0 && renderRest(rest)}
</section>
`;
}

function renderRest(findings: readonly Finding[]): Markup {
  return markup`<details class="rest"><summary>${plural(findings.length, "more finding")} of this check</summary>
${findings.map(renderFolded)}
</details>`;
}

function renderOpen(finding: Finding): Markup {
  return markup`<article class="finding ${finding.tier}" id="${anchorOf(finding)}">
<h4>${finding.title}</h4>
${renderBody(finding)}
</article>
`;
}

function renderFolded(finding: Finding): Markup {
  return markup`<details class="finding ${finding.tier}" id="${anchorOf(finding)}">
<summary><span>${finding.title}</span> <code>${finding.id}</code></summary>
${renderBody(finding)}
</details>
`;
}

/** One story may be told by two checks under one id. */
function anchorOf({ check, id }: Finding): string {
  return `${check}-${id}`;
}

function renderBody(finding: Finding): Markup {
  const { tier, kind, id, frame, expected, heldIn, pattern, replay, fix, lacks } = finding;
  const { measured, reproduction, smallest } = finding;
  return markup`<p class="labels"><span class="tier">${tier}</span><span>${kind}</span><span>${times(finding.occurrences)}</span><code>${id}</code></p>
${renderRoute(finding)}
<dl class="evidence">
${fact(isSent(finding) ? "Sent" : "Received", frame && renderFrame(frame, finding))}
${fact("Expected", expected)}
${fact("Measured", renderMeasured(measured))}
${fact("Held in", heldIn.length > 0 && markup`<ul class="holders">${heldIn.map(renderHolder)}</ul>`)}
${fact("Fix", markup`${sentence(fix.text)} <code class="page">${fix.page}</code>`)}
${fact("Pattern", `${pattern.name}, seed ${pattern.seed}`)}
${fact("Replay", command(replay))}
${fact("Comes back", reproductionText(reproduction))}
${fact("Suffices", smallest === undefined ? undefined : smallestText(smallest))}
${fact("Lacks", lacks)}
</dl>
`;
}

function times(occurrences: number): string {
  return occurrences === 1 ? "seen once" : `seen ${count(occurrences)} times`;
}

/** Who it went from and to, as two compartments and the wall between them. */
function renderRoute(finding: Finding): Content {
  const { from, to } = finding;
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) {
    return markup`<p class="route"><b>${from ?? to}</b></p>`;
  }
  const [symbol, words] = linkOf(finding);
  return markup`<p class="route"><b>${from}</b><svg role="img" aria-label="${words}"><use href="#${symbol}"/></svg><b>${to}</b></p>`;
}

/** Only what was received is drawn as an arrow: a place that two users share is no transfer yet. */
function linkOf({ kind, tier }: Finding): readonly [symbol: string, words: string] {
  if (kind === "swap") return ["both-ways", "and, in exchange,"];
  return tier === "proved" ? ["through", "reached"] : ["together", "shares a place with"];
}

/** Left the target for a sink. */
function isSent({ kind }: Finding): boolean {
  return kind === "outbound-leak";
}

function renderFrame(frame: FrameEvidence, finding: Finding): Markup {
  const { user, connection, index, type, receivedAtMs, excerpt } = frame;
  const { canary } = finding;
  const where = isSent(finding)
    ? markup`To the sink <b>${connection}</b>, message`
    : markup`<b>${user}</b> on ${connection}, frame`;
  const whose =
    canary &&
    markup`<p class="caption">Marked: canary “${canary.label}” of <b>${canary.owner}</b>, ${canary.encoding === "plain" ? "in plain text" : `as ${canary.encoding}`}, at byte ${count(canary.offset)}</p>`;
  return markup`<p>${where} ${count(index)}, <code>${type}</code>, ${milliseconds(receivedAtMs)} after the pattern began</p>
<pre class="excerpt">${markCanary(excerpt, canary?.token)}</pre>
${whose}`;
}

function renderHolder({ kind, variable, file, line, column, users, path }: Holder): Markup {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return markup`<li>${place !== "" && markup`<code class="place">${place}</code>`}<p>${kind} <code class="variable">${variable}</code> holds data of ${plural(users, "user")}</p><p class="path"><code>${path}</code></p></li>
`;
}
