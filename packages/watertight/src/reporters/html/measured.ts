import type { Measurement, Rate, Reproduction } from "../../finding.ts";
import { type Content, markup, type Markup } from "./markup.ts";
import { inUnit, rangeInUnit } from "./quantity.ts";
import { count, sentence } from "./text.ts";

/** The strip under a number that has a limit; in units of its picture. */
const LENGTH = 240;
const MARGIN = 6;
/** Room behind the largest of the numbers. */
const BEYOND = 1.08;

/** Numbers that were measured, each with its interval and the limit that it crossed or kept. */
export function renderMeasured(measured: readonly Measurement[] | undefined): Content {
  if (measured === undefined || measured.length === 0) return undefined;
  return markup`<ul class="measured">${measured.map(renderMeasurement)}</ul>`;
}

function renderMeasurement(measurement: Measurement): Markup {
  const { name, value, low, high, unit, limit } = measurement;
  const interval =
    low !== undefined &&
    high !== undefined &&
    `, 95\u00A0% interval ${rangeInUnit(low, high, unit)}`;
  return markup`<li><p>${sentence(name)}: <b>${inUnit(value, unit)}</b>${interval}${limit !== undefined && markup`; limit <b>${inUnit(limit, unit)}</b>`}</p>
${limit !== undefined && drawStrip(measurement, limit)}</li>
`;
}

/** The number, its interval and the limit on one line from zero; the text beside it says the same. */
function drawStrip({ value, low = value, high = value }: Measurement, limit: number): Markup {
  const least = Math.min(0, low, value, limit);
  const most = Math.max(high, value, limit, 0) * BEYOND;
  const at = (number: number): string => {
    const share = most > least ? (number - least) / (most - least) : 0;
    return String(Math.round((MARGIN + share * (LENGTH - 2 * MARGIN)) * 100) / 100);
  };
  return markup`<svg class="strip" viewBox="0 0 ${LENGTH} 20" aria-hidden="true"><path class="ground" d="M${MARGIN} 10H${LENGTH - MARGIN}M${at(0)} 6v8"/><path class="interval" d="M${at(low)} 10H${at(high)}"/><path class="limit" d="M${at(limit)} 1v18"/><circle class="dot" cx="${at(value)}" cy="10" r="4"/></svg>`;
}

/** `17 of 20 under the same delays · 0 of 20 with users one after another` */
export function reproductionText(reproduction: Reproduction | undefined): string | undefined {
  if (reproduction === undefined) return undefined;
  const { delayed, oneAfterAnother } = reproduction;
  return `${rate(delayed)} under the same delays · ${rate(oneAfterAnother)} with users one after another`;
}

function rate({ failed, of }: Rate): string {
  return of === 0 ? "not tried" : `${count(failed)} of ${count(of)}`;
}
