/** The sheet: type, headings, verdict, title block, navigation, paper. */
export const PAGE_STYLE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 4.5rem; }
body { margin: 0; padding: 0 1.5rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--text);
  font-variant-numeric: tabular-nums; }
body > header, body > nav, main, body > footer { max-width: 68.75rem; margin-inline: auto; }
h1, h2, h3, h4, p, ul, dl, figure, pre { margin: 0; padding: 0; }
ul { list-style: none; }
h2, h3, h4 { line-height: 1.3; text-wrap: balance; }
h2 { font: 600 1.625rem/1.2 var(--drawn); letter-spacing: -.01em; }
a { color: inherit; text-underline-offset: .2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--lent); outline-offset: 3px; }
code, pre { font-family: var(--mono); font-size: .875em; overflow-wrap: anywhere; }
.number { color: var(--muted); font-weight: 400; }
.score, .tally { color: var(--muted); font-weight: 400; font-size: .9375rem; }
.symbols { position: absolute; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--sheet); z-index: 2; }

.mark { width: 1.25rem; height: 1.25rem; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.mark.passed { color: var(--calm); }
.mark.failed { color: var(--alarm); }
.mark.inconclusive { color: var(--unsure); }

.verdict { display: grid; grid-template-columns: minmax(0, 1fr) 20.5rem; gap: 2rem 3.5rem; align-items: end; padding-top: 4rem; }
.subject { color: var(--muted); }
h1 { display: flex; align-items: center; gap: .22em; margin: 1.1rem 0 1.1rem -.04em; letter-spacing: -.035em;
  font: 700 clamp(min(2.875rem, 13vw), 7.5vw, 5.75rem)/1 var(--drawn); }
h1 .mark { width: .82em; height: .82em; stroke-width: 1.6; }
.verdict.passed h1 { color: var(--calm); }
.verdict.failed h1 { color: var(--alarm); }
.verdict.inconclusive h1 { color: var(--unsure); }
.lead { max-width: 46rem; font-size: clamp(1.125rem, 2.4vw, 1.4375rem); line-height: 1.42; text-wrap: pretty; }

.title-block { display: grid; grid-template-columns: repeat(3, 1fr); overflow: hidden;
  border: 1.5px solid var(--ink); background: var(--sheet); }
.title-block > div:nth-child(-n + 3), .title-block > div:last-child { grid-column: 1 / -1; }
.title-block > div { padding: .35rem .8rem .45rem; margin: 0 -1px -1px 0; border: solid var(--line); border-width: 0 1px 1px 0; }
.title-block dt, .again .label { color: var(--muted); font-size: .8125rem; }
.title-block dd { margin: 0; overflow-wrap: anywhere; }
.again { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-top: 1.75rem; }
.command { display: inline-flex; align-items: stretch; max-width: 100%; background: var(--code); }
.command code { min-width: 0; padding: .35rem .7rem; }
.command code span { display: inline-block; max-width: 100%; }
.command button { flex: none; min-width: 5rem; padding: .2rem .8rem; border: 0; border-left: 1px solid var(--line); background: none;
  color: inherit; font: 500 .8125rem var(--text); cursor: pointer; }
.command button:hover { background: var(--hair); }

.contents { position: sticky; top: 0; z-index: 1; margin-top: 3.25rem; background: var(--paper); border-block: 1px solid var(--line); }
.contents ul { display: flex; flex-wrap: wrap; gap: .25rem 2rem; padding: .7rem 0; }
.contents a { text-decoration: none; }
.contents a:hover { text-decoration: underline; }

main > section { padding-top: 4.5rem; }
main > section > h2 { margin-bottom: 1.75rem; }
.gaps { margin-top: 1rem; border-top: 1px solid var(--line); }
.gaps li { padding: .7rem 0; border-bottom: 1px solid var(--hair); max-width: none; }
body > footer { margin-top: 5rem; padding: 1.25rem 0 3rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .875rem; }

@media (max-width: 60rem) { .verdict { grid-template-columns: minmax(0, 1fr); } }
@media screen and (max-width: 45rem) {
  body { padding: 0 1.125rem; }
  .verdict { padding-top: 2rem; }
  .contents { position: static; margin-top: 2rem; }
  .contents ul { gap: .25rem 1.25rem; }
  html { scroll-padding-top: 1rem; }
  main > section { padding-top: 3.25rem; }
}
@media print {
  html { font-size: 10.5pt; }
  body { padding: 0; background: none; }
  .tiles .value { font-size: 1.75rem; }
  .tiles li { padding-right: .5rem; padding-left: .75rem; }
  .contents, .skip, .command button { display: none; }
  .verdict { padding-top: 0; }
  main > section { padding-top: 2rem; }
  main > section > h2 { margin-bottom: 1rem; }
  h2, h3, h4, .labels, .route { break-after: avoid; }
  svg, mark, .tier, .title-block { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .tiles li, .check, .evidence > div, figure, tr { break-inside: avoid; }
}
`;
