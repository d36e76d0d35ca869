/** Findings and what proves them. */
export const FINDINGS_STYLE = `
.index ul { columns: 18rem auto; column-gap: 3rem; }
.index li { padding: .2rem 0; break-inside: avoid; }
.of-check { margin-top: 2.75rem; }
.of-check > h3 { padding-bottom: .75rem; border-bottom: 1.5px solid var(--ink); font-size: 1.1875rem; font-weight: 600; }
.of-check > h3 .score { margin-left: .5rem; }
.finding { background: var(--sheet); border: 1px solid var(--hair); }
article.finding { padding: 1.5rem 1.75rem 1.75rem; margin-top: 1.25rem; }
.finding h4 { font-size: 1.1875rem; font-weight: 600; overflow-wrap: anywhere; }
.labels { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; margin-top: .4rem; color: var(--muted); font-size: .875rem; }
.tier { padding: 0 .5rem; border: 1px solid currentColor; font-weight: 600; color: var(--unsure); }
.finding.proved .tier { color: var(--on-mark); background: var(--alarm); border-color: var(--alarm); }
.route { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin-top: 1.1rem; }
.route b { padding: .3rem .8rem; border: 1.5px solid var(--ink); font-weight: 600; overflow-wrap: anywhere; }
.route svg { width: 6rem; height: 2.25rem; fill: none; stroke: var(--unsure); stroke-width: 1.75; }
.finding.proved .route svg { stroke: var(--alarm); }
.wall { stroke: var(--ink); stroke-width: 2.5; }
.evidence { margin-top: 1.25rem; }
.evidence > div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0 1rem; padding: .55rem 0; border-top: 1px solid var(--hair); }
.evidence dt { color: var(--muted); font-size: .9375rem; }
.evidence dd { margin: 0; overflow-wrap: anywhere; }
.excerpt { margin: .5rem 0 .35rem; padding: .7rem .9rem; background: var(--code); white-space: pre-wrap; line-height: 1.6; }
.excerpt mark { padding: .1em .2em; background: var(--alarm); color: var(--on-mark); }
.caption { color: var(--muted); font-size: .875rem; }
.measured { display: grid; gap: .6rem; }
.strip { display: block; width: 15rem; max-width: 100%; height: auto; margin-top: .2rem; overflow: visible; }
.strip .ground { stroke: var(--line); }
.strip .interval { stroke: var(--lent); stroke-width: 8; stroke-opacity: .45; }
.strip .limit { stroke: var(--ink); stroke-width: 2; }
.strip .dot { stroke: none; }
.holders { display: grid; gap: .8rem; }
.place { font-weight: 600; font-size: .9375rem; }
.variable { font-weight: 600; }
.path { color: var(--muted); }
.page { color: var(--muted); }
summary { cursor: pointer; }
.rest { margin-top: 1.25rem; }
.rest > summary { padding: .6rem 0; font-weight: 600; }
.rest .finding { margin-top: -1px; padding: 0 1.25rem; }
.rest .finding > summary { padding: .55rem 0; overflow-wrap: anywhere; }
.rest .finding > summary code { margin-left: .75rem; color: var(--muted); }
.rest .finding[open] { padding-bottom: 1.25rem; }
.rest .finding[open] > summary { font-weight: 600; }

@media screen and (max-width: 45rem) {
  article.finding { padding: 1.1rem 1.125rem 1.25rem; }
  .evidence > div { grid-template-columns: minmax(0, 1fr); gap: .15rem; }
}
`;
