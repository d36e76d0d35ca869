import type { Report } from "../../report.ts";
import { markup, type Markup } from "./markup.ts";
import { command, fact, mark } from "./parts.ts";
import { verdictSentence } from "./summary.ts";
import { count, duration, plural, utc, VERDICT_WORD } from "./text.ts";

/** The verdict, the sentence it rests on, and what was run, where and when. */
export function renderVerdict(report: Report): Markup {
  const { verdict, target, environment, startedAt } = report;
  const { node, platform, cpus } = environment;
  return markup`<header class="verdict ${verdict}">
<div class="answer">
<p class="subject">Watertight isolation report</p>
<h1>${mark(verdict)}<span>${VERDICT_WORD[verdict]}</span></h1>
<p class="lead">${verdictSentence(report)}</p>
<div class="again"><span class="label">Run it again</span>${command(report.again)}</div>
</div>
<dl class="title-block">
${fact("Target", target.label)}
${fact("Started as", markup`<code>${target.command}</code>`)}
${fact("When", markup`<time datetime="${startedAt}">${utc(startedAt)}</time>`)}
${fact("Took", duration(report.durationMs))}
${fact("Users", count(report.users))}
${fact("Seed", String(report.seed))}
${fact("Node", `${node} on ${platform}, ${plural(cpus, "processor")}`)}
</dl>
</header>
`;
}
