import type { Finding } from "../../finding.ts";
import type { Report } from "../../report.ts";
import { type Content, markup, type Markup } from "./markup.ts";
import { command, fact, section } from "./parts.ts";
import { sentence } from "./text.ts";

/** What can be read where operators read. It fails nothing; empty if there is none, or nobody looked. */
export function renderExposed({ exposed = [] }: Report): Content {
  if (exposed.length === 0) return undefined;
  return section("exposed", "Printed", [
    markup`<p>The server printed what users said, or who they are. It reached no other user, and failed no check: whoever reads the logs reads it.</p>`,
    exposed.map(renderNote),
  ]);
}

function renderNote({ id, kind, tier, title, example, fix, pattern, replay }: Finding): Markup {
  return markup`<article class="finding ${tier}" id="${id}">
<h4>${title}</h4>
<p class="labels"><span class="tier">${tier}</span><span>${kind}</span><code>${id}</code></p>
<dl class="evidence">
${fact("Example", example !== undefined && markup`<code>${example}</code>`)}
${fact("Fix", markup`${sentence(fix.text)} <code class="page">${fix.page}</code>`)}
${fact("First in", `${pattern.name}, seed ${pattern.seed}`)}
${fact("Replay", command(replay))}
</dl>
</article>
`;
}
