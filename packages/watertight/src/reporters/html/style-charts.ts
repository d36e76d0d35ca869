/** Charts, the numbers behind them, and what is said of them. */
export const CHARTS_STYLE = `
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2.75rem 3rem; }
.chart { display: grid; grid-template-columns: minmax(0, 1fr); grid-template-rows: subgrid; grid-row: span 5; row-gap: .5rem; align-content: start; min-width: 0; padding-top: 1rem; border-top: 1.5px solid var(--ink); }
.chart h3, .law h3, .fairness h3 { font-size: 1.0625rem; font-weight: 600; }
.take { color: var(--muted); font-size: .9375rem; }
.plot { display: block; width: 100%; height: auto; margin-top: .75rem; overflow: visible; }
.plot text { font: 12.5px var(--text); font-variant-numeric: tabular-nums; fill: var(--muted); }
.plot .axis { fill: var(--ink); }
.plot .end { fill: var(--ink); }
.plot .p50 { font-weight: 600; }
.plot .note { paint-order: stroke; stroke: var(--paper); stroke-width: 4; stroke-linejoin: round; fill: var(--ink); }
.rules, .ticks, .ground, .leader, .line, .yardstick, .curve, .ideal, .peak, .residual, .interval, .limit { fill: none; }
.rules { stroke: var(--hair); }
.ticks, .leader { stroke: var(--line); }
.plot .ground { stroke: var(--ink); stroke-width: 1.25; }
.line { stroke: var(--lent); stroke-width: 2.25; stroke-linejoin: round; }
.dot { fill: var(--lent); stroke: var(--paper); stroke-width: 1.5; }
.band { fill: var(--lent); fill-opacity: .34; }
.far-band { fill: var(--lent); fill-opacity: .15; }
.yardstick { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 6 4; }
.curve { stroke: var(--unsure); stroke-width: 2.25; }
.residual { stroke: var(--alarm); stroke-width: 2; }
.peak { stroke: var(--unsure); stroke-width: 1.5; stroke-dasharray: 3 3; }
.ideal { stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 2 4; stroke-linecap: round; }
.keys { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; font-size: .875rem; }
.keys li { display: flex; gap: .55rem; align-items: baseline; }
.keys svg { flex: none; width: 1.75rem; height: .875rem; align-self: center; }
.numbers-behind summary { display: inline-block; padding: .25rem 0; font-size: .875rem; text-decoration: underline; text-underline-offset: .2em; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.wide { overflow-x: auto; }
.numbers-table { width: 100%; border-collapse: collapse; font-size: .875rem; }
.numbers-table caption { padding: .25rem 0; text-align: left; color: var(--muted); }
.numbers-table th, .numbers-table td { padding: .3rem 0 .3rem .9rem; border-bottom: 1px solid var(--hair); text-align: right; font-weight: 400; vertical-align: bottom; }
.numbers-table th:first-child { padding-left: 0; text-align: left; }
.numbers-table thead th { color: var(--muted); border-color: var(--line); }

.law, .fairness { margin-top: 2.75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.law .statement, .fairness .statement { max-width: 46rem; margin-top: .5rem; font: 600 1.375rem/1.3 var(--drawn); letter-spacing: -.01em; text-wrap: balance; }
.fairness .wide { max-width: 40rem; margin-top: .75rem; }
.coefficients { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: 1rem 2rem; margin-top: 1.25rem; }
.coefficients dt { color: var(--muted); font-size: .875rem; }
.coefficients dd { margin: 0; font-size: .875rem; }
.coefficients b { display: block; font: 600 1.375rem/1.3 var(--drawn); }

@media screen and (max-width: 35rem) {
  .plot text { font-size: 17px; }
  .numbers-table th, .numbers-table td { padding-left: .5rem; }
}
@media print {
  .charts { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.5rem 2rem; }
  .plot text { font-size: 17px; }
  .keys { gap: 0 1rem; }
  .numbers-behind summary { display: none; }
  .numbers-table th, .numbers-table td { padding-top: .1rem; padding-bottom: .1rem; }
  .law, .fairness { margin-top: 1.75rem; break-inside: avoid; }
  .coefficients { grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 1rem; }
}
`;
