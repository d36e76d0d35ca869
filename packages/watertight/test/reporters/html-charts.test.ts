import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Memory, Performance, Report } from "../../src/report.ts";
import { renderHtml } from "../../src/reporters/html.ts";
import { createRuler, tickText } from "../../src/reporters/html/charts/ruler.ts";
import { spread } from "../../src/reporters/html/charts/spread.ts";
import { scaled } from "../../src/reporters/html/charts/throughput.ts";
import { bytes, byteRange, share, significant } from "../../src/reporters/html/quantity.ts";
import { passedReport, sampleMemory, samplePerformance } from "./sample-report.ts";
import { leakingMemory, lockedPerformance } from "./whole-report.ts";

const CHARTS = ["response-time", "throughput", "memory-connected", "memory-left"] as const;

describe("a ruler", () => {
  const end = fc.integer({ min: -1e12, max: 1e12 }).map((thousandths) => thousandths / 1000);
  const ranges = fc.tuple(end, end);

  it("holds zero and all that it must, at a few round and equal steps", () => {
    fc.assert(
      fc.property(ranges, ([a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const { low, high, step, ticks } = createRuler(from, to, { wanted: 5 });
        expect(low).toBeLessThanOrEqual(Math.min(0, from));
        // What is beyond the last tick by less than a hair's breadth makes no tick more.
        const hair = 1e-9 * (high - low);
        expect(high).toBeGreaterThanOrEqual(Math.max(0, to) - hair);
        expect(high).toBeGreaterThan(low);
        expect(ticks).toContain(0);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(["1", "2", "5"]).toContain(step.toExponential().split("e")[0]);
      }),
    );
  });

  it("reaches up to zero from two equal numbers below it", () => {
    expect(createRuler(-7, -7, { wanted: 5 })).toMatchObject({ low: -7, high: 0 });
  });

  it("writes each tick differently, with as many decimals as it needs", () => {
    fc.assert(
      fc.property(ranges, ([a, b]) => {
        const ruler = createRuler(Math.min(a, b), Math.max(a, b), { wanted: 5 });
        const texts = ruler.ticks.map((tick) => tickText(tick, ruler));
        expect(new Set(texts).size).toBe(texts.length);
        expect(texts).not.toContain("−0");
      }),
    );
  });

  it("counts users in whole ones, and ends where they do", () => {
    expect(createRuler(0, 3, { wanted: 6, minStep: 1, isTight: true })).toEqual({
      low: 0,
      high: 3,
      step: 1,
      ticks: [0, 1, 2, 3],
    });
    const { ticks, high } = createRuler(0, 5_000, { wanted: 6, minStep: 1, isTight: true });
    expect([ticks.at(-1), high, ticks.length]).toEqual([5_000, 5_000, 6]);
  });
});

describe("labels at the ends of lines", () => {
  const bounds = { gap: 18, low: 34, high: 237 };

  it("stay in order, within bounds, and never cover each other while there is room", () => {
    const wanted = fc.array(fc.double({ min: -50, max: 400, noNaN: true }), { maxLength: 10 });
    fc.assert(
      fc.property(wanted, (middles) => {
        const placed = spread(middles, bounds);
        const order = middles.map((_, place) => place);
        order.sort((a, b) => (middles[a] ?? 0) - (middles[b] ?? 0) || a - b);
        const sorted = order.map((place) => placed[place] ?? Number.NaN);
        for (const [place, at] of sorted.entries()) {
          expect(at).toBeGreaterThanOrEqual(bounds.low - 1e-9);
          expect(at).toBeLessThanOrEqual(bounds.high + 1e-9);
          if (place > 0) expect(at - (sorted[place - 1] ?? 0)).toBeGreaterThanOrEqual(18 - 1e-9);
        }
      }),
    );
  });

  it("are left where they belong if they are far apart", () => {
    expect(spread([200, 50, 100], bounds)).toEqual([200, 50, 100]);
  });
});

describe("the charts", () => {
  const { solo, points, fit } = samplePerformance();
  const charts = chartsOf(passedReport());

  it("put every point where the numbers of the rulers say", () => {
    const medians = points.map(({ users, latency }) => [users, latency.p50] as const);
    expectDots(charts("response-time"), medians);
    expectDots(
      charts("throughput"),
      points.map(({ users, perSecond }) => [users, perSecond] as const),
    );
    const { connected } = sampleMemory();
    expectDots(
      charts("memory-connected"),
      connected.map(({ users, bytes: used }) => [users, used / 1024 ** 2] as const),
    );
  });

  it("count memory after leaving from where the line begins", () => {
    const { afterLeaving, perUserLeft } = sampleMemory();
    const ground = perUserLeft?.intercept ?? 0;
    expectDots(
      charts("memory-left"),
      afterLeaving.map(({ users, bytes: used }) => [users, (used - ground) / 1024] as const),
    );
  });

  it("begin at a true zero", () => {
    for (const name of CHARTS) expect(ticksOf(charts(name)).up.map(([tick]) => tick)).toContain(0);
  });

  it("draw the lone user's median as a level line", () => {
    const [first = [], last = []] = wayOf(charts("response-time"), "yardstick");
    expect(first[1]).toBeCloseTo(solo.p50, 1);
    expect(last).toEqual([50, first[1]]);
  });

  it("draw the bands between their percentiles", () => {
    const near = wayOf(charts("response-time"), "band");
    const far = wayOf(charts("response-time"), "far-band");
    const last = points.at(-1)?.latency;
    expect(near.filter(([x]) => x === 50).map(([, y]) => y)).toEqual([
      expect.closeTo(last?.p90 ?? 0, 1),
      expect.closeTo(last?.p50 ?? 0, 1),
    ]);
    expect(far.filter(([x]) => x === 50).map(([, y]) => y)).toEqual([
      expect.closeTo(last?.p99 ?? 0, 1),
      expect.closeTo(last?.p90 ?? 0, 1),
    ]);
  });

  it("draw the fitted law, and a stick from each point to it", () => {
    if (fit === null) throw new Error("Expected the sample to have a fit");
    const curve = wayOf(charts("throughput"), "curve");
    for (const [x = 0, y] of curve) expect(Math.abs((y ?? 0) - scaled(fit, x))).toBeLessThan(1);
    const sticks = wayOf(charts("throughput"), "residual");
    expect(sticks).toHaveLength(2 * points.length);
    expect(sticks.at(-1)?.[1]).toBeCloseTo(scaled(fit, 50), 0);
  });

  it("let the line and its interval meet at the median of users, and part from there", () => {
    const { perUserLeft } = leakingMemory();
    const leaking = chartsOf(passedReport({ memory: leakingMemory() }))("memory-left");
    const [, right = []] = wayOf(leaking, "line");
    expect(right[1]).toBeCloseTo(((perUserLeft?.slope ?? 0) * 60) / 1024 ** 2, 1);
    const band = wayOf(leaking, "band");
    const ends = band.filter(([x]) => x === 60).map(([, y = 0]) => y);
    const begins = band.filter(([x]) => x === 0).map(([, y = 0]) => y);
    expect(ends[0]).toBeGreaterThan(ends[1] ?? 0);
    expect(begins[0]).toBeLessThan(begins[1] ?? 0);
  });

  it("don't blow up the noise of a few bytes to a cliff", () => {
    const heights = ticksOf(charts("memory-left")).up.map(([tick]) => tick);
    expect(Math.max(...heights)).toBeGreaterThanOrEqual(60);
  });

  it("mark the peak only if it lies among the users that were tried", () => {
    const peaked = (peakUsers: number): string => {
      const performance = lockedPerformance();
      const { fit: locked } = performance;
      if (locked === null) throw new Error("Expected the sample to have a fit");
      return renderHtml(
        passedReport({ performance: { ...performance, fit: { ...locked, peakUsers } } }),
      );
    };
    expect(peaked(21)).toContain("peak at 21 users");
    expect(peaked(900)).not.toContain("peak at");
    expect(peaked(900)).toContain("beyond the 50 that were tried");
  });

  it("repeat their numbers in a table", () => {
    const rows = rowsOf(renderHtml(passedReport()), "Response time in milliseconds");
    expect(rows).toContainEqual(["1, alone", "5.40", "6.10", "9.80", "12.4", "200"]);
    expect(rows).toContainEqual(["50", "7.90", "10.2", "20.0", "34.0", "2,000"]);
    const speeds = rowsOf(renderHtml(passedReport()), "Operations per second, and processor");
    expect(speeds.at(-1)).toEqual(["50", "194", "191", "+1.4 %", "1,700", "38 %"]);
  });

  it("have a name, and say in words what they show", () => {
    const html = renderHtml(passedReport());
    for (const name of CHARTS) {
      expect(html).toMatch(new RegExp(`<title id="${name}-name">[^<]{10,}</title>`));
      expect(html).toMatch(new RegExp(`<desc id="${name}-words">[^<]{40,}</desc>`));
    }
    expect(html).toContain("growth can’t be told from none");
    expect(renderHtml(passedReport({ memory: leakingMemory() }))).not.toContain("can’t be told");
  });
});

describe("a report without", () => {
  it("load or memory has neither those parts nor links to them", () => {
    const html = renderHtml(passedReport({ performance: null, memory: null }));
    expect(html).not.toMatch(/id="(?:load|memory)"|href="#(?:load|memory)"|class="plot"/);
  });

  it("points says so and draws nothing", () => {
    const performance: Performance = { ...samplePerformance(), points: [] };
    const memory: Memory = { ...sampleMemory(), connected: [], afterLeaving: [] };
    const html = renderHtml(passedReport({ performance, memory }));
    expect(html).toContain("No load was measured");
    expect(html).toContain("No memory was measured");
    expect(html).not.toContain('class="plot"');
  });

  it("a fit draws its points only, and says that nothing was fitted", () => {
    const performance = { ...samplePerformance(), fit: null, fairness: null };
    const memory = { ...sampleMemory(), perUser: null, perUserLeft: null };
    const html = renderHtml(passedReport({ performance, memory }));
    expect(html).not.toMatch(/class="(?:curve|ideal|law|fairness)"/);
    expect(html).toContain("No curve was fitted");
    expect(html).toContain("No line was fitted");
  });
});

it("charts of any numbers stay within their frames and have no holes", () => {
  const amount = fc.nat(1e9).map((thousandths) => thousandths / 1000);
  const latency = fc.record({
    count: fc.nat(),
    p50: amount,
    p90: amount,
    p99: amount,
    max: amount,
  });
  const users = fc.integer({ min: 1, max: 100_000 });
  const loads = fc.record({
    users,
    thinkMs: amount,
    perSecond: amount,
    latency,
    cpuPerOperation: fc.constant(null),
    cpuShare: fc.constant(null),
  });
  const memories = fc.array(fc.record({ users, bytes: fc.nat() }), { minLength: 1, maxLength: 8 });
  const slope = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const trend = fc.record({ slope, low: slope, high: slope, intercept: amount });
  const report = fc.record({
    solo: latency,
    points: fc.array(loads, { minLength: 1, maxLength: 8 }),
    connected: memories,
    trend,
  });
  fc.assert(
    fc.property(report, ({ solo, points, connected, trend: perUser }) => {
      const { fit } = lockedPerformance();
      const performance = { solo, points, fit, fairness: null };
      const memory = { connected, perUser, afterLeaving: connected, perUserLeft: perUser };
      const html = renderHtml(passedReport({ performance, memory }));
      expect(/.{30}(?:NaN|Infinity|undefined|e[+-]\d)/.exec(html)?.[0]).toBeUndefined();
      for (const [, x, y] of html.matchAll(/class="dot" cx="([^"]*)" cy="([^"]*)"/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(480);
        expect(Number(y)).toBeGreaterThanOrEqual(0);
        expect(Number(y)).toBeLessThanOrEqual(296);
      }
    }),
    { numRuns: 40 },
  );
});

describe("quantities", () => {
  it.each([
    [0, "0 B"],
    [44, "44 B"],
    [-31, "−31 B"],
    [1023, "1,023 B"],
    [94_010, "91.8 KB"],
    [1_258_291, "1.20 MB"],
    [3 * 1024 ** 3, "3.00 GB"],
  ])("%d bytes are %s", (value, text) => {
    expect(bytes(value).replace("\u00A0", " ")).toBe(text);
  });

  it("name the unit of a range once if it is the same", () => {
    expect(byteRange(37_888, 40_960).replaceAll("\u00A0", " ")).toBe("37.0 to 40.0 KB");
    expect(byteRange(-31, 1_208).replaceAll("\u00A0", " ")).toBe("−31 B to 1.18 KB");
  });

  it("never round a share down to nothing", () => {
    const texts = [0, 1e-9, 0.0000012, 0.0004, 0.012, 0.83, 1.5].map(share);
    expect(texts.map((text) => text.replace("\u00A0", " "))).toEqual([
      "0 %",
      "less than 0.0001 %",
      "0.00012 %",
      "0.04 %",
      "1.2 %",
      "83 %",
      "150 %",
    ]);
  });

  it("keep three digits", () => {
    const texts = [0, 0.0421, 3.9, 194.4, 12_400.4].map(significant);
    expect(texts).toEqual(["0", "0.0421", "3.90", "194", "12,400"]);
  });
});

type Place = readonly [x: number, y: number];
type Tick = readonly [number: number, at: number];

function chartsOf(report: Report): (name: (typeof CHARTS)[number]) => string {
  const html = renderHtml(report);
  return (name) => {
    const from = html.indexOf(`aria-labelledby="${name}-name"`);
    if (from < 0) throw new Error(`Expected a chart named ${name}`);
    return html.slice(from, html.indexOf("</svg>", from));
  };
}

/** The numbers that are written at both rulers, and where they stand. */
function ticksOf(chart: string): { readonly across: Tick[]; readonly up: Tick[] } {
  const texts = [
    ...chart.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*text-anchor="(\w+)">([^<]*)</g),
  ];
  const read = (anchor: string, group: 1 | 2): Tick[] =>
    texts
      .filter(([, , , found]) => found === anchor)
      .map((match) => [
        Number((match[4] ?? "").replaceAll(",", "").replace("−", "-")),
        Number(match[group]),
      ]);
  return { across: read("middle", 1), up: read("end", 2) };
}

/** What a place on the picture stands for, by the numbers that a reader sees at the rulers. */
function readAt(chart: string, x: number, y: number): Place {
  const { across, up } = ticksOf(chart);
  return [valueAt(across, x), valueAt(up, y)];
}

function valueAt(ticks: readonly Tick[], at: number): number {
  const [first = [0, 0], last = [0, 0]] = [ticks[0], ticks.at(-1)];
  return first[0] + ((at - first[1]) / (last[1] - first[1])) * (last[0] - first[0]);
}

function expectDots(chart: string, wanted: readonly Place[]): void {
  const dots = [...chart.matchAll(/class="dot" cx="([\d.]+)" cy="([\d.]+)"/g)];
  const shown = dots.map(([, x, y]) => readAt(chart, Number(x), Number(y)));
  expect(shown).toHaveLength(wanted.length);
  for (const [place, [x, y]] of wanted.entries()) {
    expect(shown[place]?.[0]).toBeCloseTo(x, 1);
    expect(shown[place]?.[1]).toBeCloseTo(y, 1);
  }
}

/** The corners of a path, in numbers of the rulers. */
function wayOf(chart: string, name: string): number[][] {
  const [, data = ""] = new RegExp(`class="${name}" d="([^"]*)"`).exec(chart) ?? [];
  return [...data.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => {
    const [across, up] = readAt(chart, Number(x), Number(y));
    return [Math.round(across * 1000) / 1000, up];
  });
}

function rowsOf(html: string, caption: string): string[][] {
  const [, table = ""] = html.split(`<caption>${caption}`);
  const [body = ""] = table.split("</table>");
  const rows = [...body.matchAll(/<tr><th scope="row">(.*?)<\/tr>/g)];
  return rows.map(([, row = ""]) =>
    row
      .replaceAll(/<\/t[hd]>(?:<td>)?/g, "|")
      .replaceAll("\u00A0", " ")
      .split("|")
      .slice(0, -1),
  );
}
