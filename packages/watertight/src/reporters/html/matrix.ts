import type { Report } from "../../report.ts";
import { type Content, markup, type Markup } from "./markup.ts";
import { drawMatrix, type ForeignTone, MAX_WRITTEN } from "./matrix-drawing.ts";
import { type Grid, MAX_NAMED_PAIRS, toGrid } from "./matrix-grid.ts";
import { userName } from "./matrix-words.ts";
import { section } from "./parts.ts";
import { count, plural } from "./text.ts";

const SHOWN_SOURCES = 6;

/** Whose canaries reached whom, as a picture, a sentence, and the names of those who reached furthest. */
export function renderMatrix({ matrix, metrics }: Report): Markup {
  const grid = toGrid(matrix);
  const { routing } = metrics;
  const isAllCorrect = routing !== null && routing.correct === routing.total;
  const tone: ForeignTone = isAllCorrect ? "lent" : "foreign";
  const words = [foreignSentence(grid), ownSentence(grid)];
  const content = markup`<div class="picture">
<figure>${drawMatrix(grid, tone, words.join(" "))}</figure>
<div class="reading">
<p class="statement ${grid.foreign > 0 ? tone : grid.own === grid.users && "clean"}">${words[0]}</p>
<p>${words[1]}</p>
${grid.foreign > 0 && tone === "lent" && renderLent()}
${renderSources(grid)}
${renderLegend(grid, tone)}
${grid.perBlock > 1 && renderBinning(grid)}
</div>
</div>`;
  return section("matrix", "Whose canaries reached whom", content);
}

function foreignSentence({ foreign, pairs }: Grid): string {
  if (pairs === 0) return "One user alone has nobody to leak to.";
  if (foreign === 0) return `None of ${count(pairs)} foreign pairs was lit.`;
  return `${count(foreign)} of ${count(pairs)} foreign pairs ${foreign === 1 ? "was" : "were"} lit.`;
}

function ownSentence({ own, users }: Grid): string {
  const back = `${count(own)} of ${plural(users, "user")} got canaries of their own back`;
  return own === users
    ? `${back}: a foreign one would have been seen.`
    : `${back}. Of the others, an empty row or column shows nothing.`;
}

function renderLent(): Markup {
  return markup`<p class="aside">No check counted these as astray: they are canaries that users share on purpose, or ids that a check handed to another user.</p>`;
}

function renderSources(grid: Grid): Content {
  if (grid.foreign <= MAX_NAMED_PAIRS) return renderPairs(grid);
  const sources = grid.reach.filter(({ others }) => others > 0);
  sources.sort((a, b) => b.others - a.others || b.frames - a.frames || a.user - b.user);
  const rest = sources.length - SHOWN_SOURCES;
  const rows = sources.slice(0, SHOWN_SOURCES).map(
    ({ user, others, frames }) =>
      markup`<tr><th scope="row">${userName(grid, user)}</th><td>${count(others)}</td><td>${count(frames)}</td></tr>
`,
  );
  return markup`<table class="sources">
<thead><tr><th scope="col">Canaries of</th><th scope="col">reached others</th><th scope="col">in frames</th></tr></thead>
<tbody>${rows}</tbody>
${rest > 0 && markup`<tfoot><tr><td colspan="3">and of ${plural(rest, "more user")}</td></tr></tfoot>`}
</table>`;
}

function renderPairs(grid: Grid): Content {
  if (grid.foreign === 0) return undefined;
  const rows = grid.first.map(
    ([from, to, frames]) =>
      markup`<tr><th scope="row">${userName(grid, from)}</th><td>${userName(grid, to)}</td><td>${count(frames)}</td></tr>
`,
  );
  return markup`<table class="sources">
<thead><tr><th scope="col">Canaries of</th><th scope="col">reached</th><th scope="col">in frames</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
}

function renderLegend({ own, users, foreign }: Grid, tone: ForeignTone): Markup {
  const far =
    tone === "lent" && foreign > 0 ? "lent to another user on purpose" : "reached somebody else";
  const measure = users > MAX_WRITTEN ? ", stronger for more frames" : ", in so many frames";
  return markup`<ul class="legend">
<li><i class="own"></i>on the diagonal: came home to its owner</li>
<li><i class="${foreign > 0 ? tone : "foreign"}"></i>off the diagonal: ${far}${foreign > 0 && measure}</li>
${own < users && markup`<li><i class="missing"></i>own canary never came home</li>`}
<li><i class="none"></i>nothing arrived</li>
</ul>`;
}

function renderBinning({ perBlock, users }: Grid): Markup {
  return markup`<p class="aside">${plural(users, "user")} are too many to draw each pair: a square stands for ${perBlock} × ${perBlock} users. It is lit when a single pair in it is, and fuller the more there are. A small square on the diagonal is a foreign pair among neighbours.</p>`;
}
