/** Metrics and checks. */
export const RESULTS_STYLE = `
.tiles { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); border-top: 1.5px solid var(--ink); }
.tiles li { padding: 1rem 1.25rem 0; border-left: 1px solid var(--hair); }
.tiles li:first-child { padding-left: 0; border-left: 0; }
.tiles h3 { font-size: .9375rem; font-weight: 600; }
.tiles .value { margin: .6rem 0 .5rem; font: 600 2.5rem/1.05 var(--drawn); letter-spacing: -.025em; white-space: nowrap; }
.tiles .unit { color: var(--muted); font-size: 1.25rem; font-weight: 400; letter-spacing: 0; }
.tiles .note { color: var(--muted); font-size: .875rem; line-height: 1.45; }
.tiles .bad .value { color: var(--alarm); }
.tiles .unmeasured .value { color: var(--muted); font-weight: 400; }

.category { display: grid; grid-template-columns: minmax(0, 17rem) minmax(0, 1fr); gap: 0 3rem; padding: 1.25rem 0 1.5rem;
  border-top: 1px solid var(--line); }
.category:first-of-type { border-top: 1.5px solid var(--ink); }
.category h3 { display: grid; grid-template-columns: auto auto 1fr; gap: .15rem .6rem; align-content: start; font-size: 1.0625rem; font-weight: 600; }
.category h3 .mark { margin-top: .1rem; }
.category h3 .score { grid-column: 3; font-size: .875rem; }
.check { display: grid; grid-template-columns: auto 1fr; gap: .75rem; padding: 0 0 1.25rem; }
.check:last-child { padding-bottom: 0; }
.check > .mark { width: 1.125rem; height: 1.125rem; margin-top: .2rem; }
.check h4 { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .9rem; font-size: 1rem; font-weight: 600; }
.check p { overflow-wrap: anywhere; max-width: 44rem; }
.check p::first-letter { text-transform: uppercase; }
.word { font-size: .875rem; font-weight: 500; }
.check h4 a { font-size: .875rem; font-weight: 500; }
.failed .word { color: var(--alarm); }
.inconclusive .word { color: var(--unsure); }
.facts { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin-top: .3rem; color: var(--muted); font-size: .875rem; }
.facts .short { color: var(--unsure); font-weight: 600; }
.facts .patterns { flex-basis: 100%; }

@media screen and (max-width: 60rem) {
  .category { grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
}
@media screen and (max-width: 52rem) {
  .tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr)); border-top: 0; gap: 1.75rem 1.5rem; }
  .tiles li, .tiles li:first-child { padding: .8rem 0 0; border: 0; border-top: 1.5px solid var(--ink); }
}
`;
