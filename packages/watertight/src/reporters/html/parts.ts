import type { Verdict } from "../../finding.ts";
import { type Content, markup, type Markup } from "./markup.ts";
import { VERDICT_WORD } from "./text.ts";

/** The shapes of the three verdicts, drawn once and used everywhere; no two share an outline. */
export const SYMBOLS: Markup = markup`<svg class="symbols" width="0" height="0" aria-hidden="true" focusable="false">
<symbol id="mark-passed" viewBox="0 0 24 24"><circle cx="12" cy="12" r="10.5"/><path d="M7 12.4l3.5 3.5L17.2 8.6"/></symbol>
<symbol id="mark-failed" viewBox="0 0 24 24"><path d="M7.65 1.5h8.7l6.15 6.15v8.7l-6.15 6.15h-8.7L1.5 16.35v-8.7z"/><path d="M8.2 8.2l7.6 7.6M15.8 8.2l-7.6 7.6"/></symbol>
<symbol id="mark-inconclusive" viewBox="0 0 24 24"><path d="M12 1.2L22.8 12 12 22.8 1.2 12z"/><path d="M9.4 9.8c.1-1.6 1.2-2.5 2.7-2.5s2.7 1 2.7 2.3c0 1.9-2.6 2-2.6 4M12.1 16.6v.2"/></symbol>
<symbol id="through" viewBox="0 0 96 36"><path class="wall" d="M48 0v11M48 25v11"/><path d="M3 18h88M84 12.5l8 5.5-8 5.5"/></symbol>
<symbol id="both-ways" viewBox="0 0 96 36"><path class="wall" d="M48 0v11M48 25v11"/><path d="M5 18h86M84 12.5l8 5.5-8 5.5M12 12.5L4 18l8 5.5"/></symbol>
<symbol id="together" viewBox="0 0 96 36"><path d="M4 18h88" stroke-dasharray="5 5"/></symbol>
</svg>`;

/** The sign of a verdict, with its word for those who don't see it. */
export function mark(verdict: Verdict): Markup {
  const word = VERDICT_WORD[verdict];
  return markup`<svg class="mark ${verdict}" role="img" aria-label="${word}"><use href="#mark-${verdict}"/></svg>`;
}

/** An option and its value stay on one line. */
const BETWEEN_WORDS = /(?<!(?: |^)--\S+) /;

/** A command to run; with scripts on it gets a button that copies it. */
export function command(text: string): Markup {
  const words = text.split(BETWEEN_WORDS).flatMap((word) => [" ", markup`<span>${word}</span>`]);
  return markup`<span class="command"><code data-copy>${words.slice(1)}</code></span>`;
}

/** One row of a list of facts; none for a fact that isn't there. */
export function fact(label: string, value: Content): Content {
  if (value === undefined || value === false) return undefined;
  return markup`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** A part of the page with a heading of its own, which navigation leads to. */
export function section(id: string, title: string, content: Content): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}
