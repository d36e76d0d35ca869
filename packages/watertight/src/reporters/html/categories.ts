import type { CategoryResult, IsolationTestResult, Report } from "../../report.ts";
import { markup, type Markup } from "./markup.ts";
import { mark, section } from "./parts.ts";
import { count, duration, plural, VERDICT_WORD } from "./text.ts";

/** Every category with its checks: what was shown, or why not, and on how much that rests. */
export function renderCategories({ categories }: Report): Markup {
  return section("checks", "Checks", categories.map(renderCategory));
}

function renderCategory({ id, title, verdict, checks }: CategoryResult): Markup {
  const passed = checks.filter((check) => check.verdict === "passed").length;
  return markup`<article class="category">
<h3>${mark(verdict)}<span class="number">${id}</span> <span>${title}</span> <span class="score">${passed} of ${checks.length} passed</span></h3>
<ul class="checks">${checks.map(renderCheck)}</ul>
</article>
`;
}

function renderCheck(check: IsolationTestResult): Markup {
  const { id, title, verdict, reason, findings } = check;
  const isPassed = verdict === "passed";
  return markup`<li class="check ${verdict}">
${mark(verdict)}
<div>
<h4><span><span class="number">${id}</span> ${title}</span>${!isPassed && markup` <span class="word">${VERDICT_WORD[verdict]}</span>`}${findings.length > 0 && markup` <a href="#findings-${id}">${plural(findings.length, "finding")}</a>`}</h4>
<p>${reason}</p>
${renderFacts(check)}
</div>
</li>
`;
}

function renderFacts({
  users,
  events,
  control,
  patterns,
  durationMs,
}: IsolationTestResult): Markup {
  if (events === 0 && control.expected === 0) return markup`<p class="facts">Not made</p>`;
  const { expected, received } = control;
  const home = markup`own secrets came home ${count(received)} of ${count(expected)}`;
  return markup`<ul class="facts">
<li>${plural(users, "user")}</li><li>${plural(events, "frame")}</li><li${received < expected && markup` class="short"`}>${home}</li><li>${duration(durationMs)}</li>
${patterns.length > 0 && markup`<li class="patterns">${patterns.length === 1 ? "pattern" : "patterns"}: ${patterns.join(", ")}</li>`}
</ul>`;
}
