import { type Content, markup, type Markup } from "../markup.ts";
import { unbroken } from "../text.ts";

/** What one kind of mark on a chart means; `tone` names its drawing in the style. */
export interface Key {
  readonly tone: "dot" | "line" | "band" | "far-band" | "yardstick" | "curve" | "ideal";
  readonly text: string;
}

/** The numbers behind a chart; the first column is the heading of each row. */
export interface Numbers {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface ChartFigure {
  readonly title: string;
  /** The one thing to take away, in a sentence. */
  readonly words: string;
  readonly chart: Markup;
  readonly keys: readonly Key[];
  readonly numbers: Numbers;
}

/** A chart with what it says in words, what its marks mean, and its numbers to unfold. */
export function renderFigure({ title, words, chart, keys, numbers }: ChartFigure): Markup {
  return markup`<figure class="chart">
<h3>${title}</h3>
<p class="take">${unbroken(words)}</p>
${chart}
<ul class="keys">${keys.map(renderKey)}</ul>
${renderNumbers(numbers)}
</figure>
`;
}

function renderKey({ tone, text }: Key): Markup {
  return markup`<li><svg viewBox="0 0 28 14" aria-hidden="true">${swatch(tone)}</svg><span>${unbroken(text)}</span></li>
`;
}

function swatch(tone: Key["tone"]): Markup {
  if (tone === "dot") return markup`<circle class="dot" cx="14" cy="7" r="4.5"/>`;
  const isArea = tone === "band" || tone === "far-band";
  return markup`<path class="${tone}" d="${isArea ? "M0 1h28v12h-28z" : "M0 7h28"}"/>`;
}

/** The numbers in a table that unfolds; paper shows them all. */
export function renderNumbers(numbers: Numbers): Markup {
  return markup`<details class="numbers-behind"><summary>The numbers<span class="unseen">: ${numbers.caption}</span></summary>
${renderTable(numbers)}
</details>`;
}

/** A table that scrolls by itself where it has no room, by keyboard too. */
export function renderTable({ caption, columns, rows }: Numbers): Markup {
  const heads: Content = columns.map((column) => markup`<th scope="col">${column}</th>`);
  const lines: Content = rows.map(
    ([first = "", ...others]) =>
      markup`<tr><th scope="row">${first}</th>${others.map((text) => markup`<td>${text}</td>`)}</tr>
`,
  );
  return markup`<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table class="numbers-table">
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${lines}</tbody>
</table></div>`;
}
