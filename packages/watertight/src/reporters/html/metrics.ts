import type { Metrics, Report } from "../../report.ts";
import { markup, type Markup } from "./markup.ts";
import { section } from "./parts.ts";
import { count, milliseconds, percent, plural } from "./text.ts";

interface Tile {
  readonly title: string;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
  readonly isBad: boolean;
}

/** The five metrics, a tile each; what was not measured says so. */
export function renderMetrics({ metrics }: Report): Markup {
  const tiles = [
    ["Isolation", isolation(metrics)],
    ["Routing", routing(metrics)],
    ["Memory", memory(metrics)],
    ["Response time", responseTime(metrics)],
    ["Incidents", incidents(metrics)],
  ] as const;
  const items = tiles.map(([title, tile]) => renderTile(title, tile));
  return section("metrics", "Five metrics", markup`<ul class="tiles">${items}</ul>`);
}

function renderTile(title: string, tile: Omit<Tile, "title"> | undefined): Markup {
  if (tile === undefined) {
    return markup`<li class="unmeasured"><h3>${title}</h3><p class="value" aria-hidden="true">–</p><p class="note">not measured by these checks</p></li>
`;
  }
  const { value, unit, note, isBad } = tile;
  return markup`<li${isBad && markup` class="bad"`}><h3>${title}</h3><p class="value">${value}<span class="unit">${unit}</span></p><p class="note">${note}</p></li>
`;
}

type Measured = Omit<Tile, "title"> | undefined;

function isolation({ isolation }: Metrics): Measured {
  if (isolation === null) return undefined;
  const { isolatedUsers, users } = isolation;
  return {
    value: count(isolatedUsers),
    unit: ` / ${count(users)}`,
    note: "users neither received foreign data nor lost their own to others",
    isBad: isolatedUsers < users,
  };
}

function routing({ routing }: Metrics): Measured {
  if (routing === null) return undefined;
  const { correct, total } = routing;
  const astray = total - correct;
  return {
    value: percent(correct, total).replace(" %", ""),
    unit: " %",
    note:
      astray === 0
        ? `of ${plural(total, "frame")} reached their owners and nobody else`
        : `of ${plural(total, "frame")}; ${count(astray)} reached somebody else`,
    isBad: astray > 0,
  };
}

function memory({ memory }: Metrics): Measured {
  if (memory === null) return undefined;
  const { mbPerUser } = memory;
  const isTiny = mbPerUser > 0 && mbPerUser < 0.005;
  return {
    value: isTiny ? "< 0.01" : mbPerUser.toFixed(mbPerUser < 10 ? 2 : 0),
    unit: " MB",
    note: "for each user who is connected",
    isBad: false,
  };
}

function responseTime({ responseTime }: Metrics): Measured {
  if (responseTime === null) return undefined;
  const { soloMs, loadedMs } = responseTime;
  const ratio = loadedMs / soloMs;
  return {
    value: `×${ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio))}`,
    unit: "",
    note: `${milliseconds(soloMs)} alone, ${milliseconds(loadedMs)} with all users at once`,
    isBad: false,
  };
}

function incidents({ incidents }: Metrics): Measured {
  if (incidents === null) return undefined;
  const { count: happened, operations } = incidents;
  return {
    value: happened === 0 ? "0" : rate((happened / operations) * 1000),
    unit: "",
    note: `per 1,000 operations: ${count(happened)} lost, doubled, reordered or blocked in ${count(operations)}`,
    isBad: happened > 0,
  };
}

/** Never rounded down to 0. */
function rate(perThousand: number): string {
  if (perThousand < 0.01) return "< 0.01";
  return perThousand < 10 ? perThousand.toFixed(2) : count(Math.round(perThousand));
}
