/** The picture. Foreign squares are the strongest thing on the page, whatever else there is. */
export const MATRIX_STYLE = `
.picture { display: grid; grid-template-columns: fit-content(44.75rem) minmax(0, 1fr); gap: 2rem 3.25rem; align-items: start; }
.matrix { display: block; max-width: 100%; height: auto; overflow: visible; }
.matrix .hull { fill: var(--sheet); stroke: var(--ink); stroke-width: 1.5; }
.matrix pattern path { fill: var(--dark-cell); }
.matrix .tens { stroke: var(--line); stroke-width: 1; fill: none; }
.matrix .own { fill: var(--calm); }
.matrix .missing { fill: var(--sheet); stroke: var(--unsure); stroke-width: 1.25; stroke-dasharray: 2.5 2; }
.matrix .foreign { fill: var(--alarm); }
.matrix .lent { fill: var(--lent); }
.matrix .shade-0 { fill-opacity: .64; }
.matrix .shade-1 { fill-opacity: .76; }
.matrix .shade-2 { fill-opacity: .88; }
.matrix g > path:hover { stroke: var(--ink); stroke-width: 2; }
.matrix .ring { fill: none; stroke: var(--alarm); stroke-width: 1.75; pointer-events: none; }
.matrix .leaders { fill: none; stroke: var(--alarm); stroke-width: 1; stroke-dasharray: 5 4; pointer-events: none; }
.matrix text { font: 11px var(--text); font-variant-numeric: tabular-nums; fill: var(--muted); }
.matrix .axes path { stroke: var(--line); stroke-width: 1; fill: none; }
.matrix .axes .axis { font-size: 13px; fill: var(--ink); }
.matrix text.frames { font-size: 13px; font-weight: 600; fill: var(--on-mark); text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.reading { display: grid; gap: 1.25rem; max-width: 26rem; padding-top: 3.5rem; }
.reading .statement { font: 600 1.625rem/1.25 var(--drawn); letter-spacing: -.015em; text-wrap: balance; }
.reading .statement.clean { color: var(--calm); }
.reading .statement.foreign { color: var(--alarm); }
.reading .statement.lent { color: var(--lent); }
.aside { color: var(--muted); font-size: .9375rem; }
.sources { border-collapse: collapse; width: 100%; font-size: .9375rem; }
.sources th, .sources td { padding: .3rem 0; border-bottom: 1px solid var(--hair); text-align: right; font-weight: 400; }
.sources th:first-child { text-align: left; }
.sources thead th { color: var(--muted); font-size: .8125rem; border-color: var(--line); vertical-align: bottom; }
.sources tfoot td { text-align: left; color: var(--muted); border: 0; }
.legend { font-size: .9375rem; }
.legend li { display: flex; gap: .7rem; padding: .15rem 0; }
.legend i { flex: none; width: .8rem; height: .8rem; margin-top: .38rem; background: var(--dark-cell); print-color-adjust: exact; }
.legend .own { background: var(--calm); }
.legend .foreign { background: var(--alarm); }
.legend .lent { background: var(--lent); }
.legend .missing { background: none; border: 1.5px dashed var(--unsure); }

@media print {
  .picture { grid-template-columns: 11cm minmax(0, 1fr); gap: 1.5rem; break-inside: avoid; }
  .reading { display: block; padding-top: 2rem; }
  .reading > * + * { margin-top: 1rem; }
  .matrix .axes text { font-size: 17px; }
  .matrix .axes .axis { font-size: 19px; }
}
@media screen and (max-width: 60rem) {
  .picture { grid-template-columns: minmax(0, 1fr); }
  .reading { padding-top: 0; }
}
@media screen and (max-width: 35rem) {
  .matrix .axes text { font-size: 17px; }
  .matrix .axes .axis { font-size: 19px; }
  .matrix .ring { stroke-width: 3; }
}
`;
