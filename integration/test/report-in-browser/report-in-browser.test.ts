import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../../packages/watertight/src/report.ts";
import { renderHtml } from "../../../packages/watertight/src/reporters/html.ts";
import {
  diagonal,
  inconclusiveReport,
  singleLeakReport,
} from "../../../packages/watertight/test/reporters/sample-report.ts";
import {
  wholeFailedReport,
  wholePassedReport,
} from "../../../packages/watertight/test/reporters/whole-report.ts";
import { findBrowser, PageReader } from "./browser.ts";
import { collidingLabels, nameless, overflowing, paleThings, unseenTexts } from "./in-page.ts";
import { keyboardComplaints } from "./keyboard.ts";

const browser = findBrowser(process.env);
if (browser === undefined) {
  console.log("Reports were not opened in a browser: none is on PATH, and CHROME_PATH is not set.");
}

/** Between margins of 10 mm. */
const A4 = 718;
const PHONE = { width: 360 } as const;
/** What paper leaves out: what can't be used there, and headings of what it unfolds. */
const NOT_ON_PAPER = "button, .contents, .skip, .unseen, .numbers-behind > summary";

const PAGES: readonly (readonly [string, Report])[] = [
  ["passed", wholePassedReport()],
  ["failed", failedReport()],
  ["inconclusive", inconclusiveReport()],
  ["small", smallReport()],
];

/** With a few findings of each check, folded ones among them: more of the same would show no more. */
function failedReport(): Report {
  const report = wholeFailedReport();
  const categories = report.categories.map((category) => ({
    ...category,
    checks: category.checks.map((check) => ({ ...check, findings: check.findings.slice(0, 5) })),
  }));
  return { ...report, categories };
}

/** So few users that their squares carry numbers. */
function smallReport(): Report {
  return { ...singleLeakReport(12), matrix: { users: 12, cells: [...diagonal(12), [7, 3, 4]] } };
}

/** A server that takes everybody the same time, however many they are. */
function crowdedReport(): Report {
  const report = wholePassedReport();
  const solo = { count: 200, p50: 1_200, p90: 1_200, p99: 1_201, max: 1_202 };
  const points = [1, 50, 5_000].map((users) => ({
    users,
    thinkMs: 0,
    perSecond: users / 1.2,
    latency: solo,
    cpuPerOperation: null,
    cpuShare: null,
  }));
  return { ...report, performance: { solo, points, fit: null, fairness: null } };
}

describe.skipIf(browser === undefined)("in a browser", () => {
  let reader: PageReader;
  beforeAll(async () => {
    reader = await PageReader.start(browser ?? "");
  });
  afterAll(async () => reader.stop());

  describe.each(PAGES)("the page of a report that %s", (_name, report) => {
    const html = renderHtml(report);

    test("asks for nothing, breaks no rule of its own and logs no error", async () => {
      const page = await reader.open(html);
      await openAll(page);
      expect(reader.complaints).toEqual([]);
      expect(await page.locator("[data-copy] + button").count()).toBeGreaterThan(0);
    });

    test("is reached whole by keyboard, and shows where the focus is", async () => {
      const page = await reader.open(html);
      await openAll(page);
      expect(await keyboardComplaints(page)).toEqual([]);
    });

    test.each([320, 360, 768, 1440])("needs no sideways scrolling at %i px", async (width) => {
      const page = await reader.open(html, { width });
      expect(await page.evaluate(overflowing)).toEqual([]);
      await openAll(page);
      expect(await page.evaluate(overflowing)).toEqual([]);
      expect(await page.evaluate(collidingLabels)).toEqual([]);
    });

    test.each(["light", "dark"] as const)("has enough contrast in %s", async (colorScheme) => {
      for (const options of [{}, PHONE]) {
        const page = await reader.open(html, { colorScheme, ...options });
        await openAll(page);
        expect(await page.evaluate(paleThings)).toEqual([]);
      }
    });

    test("has all its content on paper, dark on light", async () => {
      const view = { media: "print", colorScheme: "dark", width: A4 } as const;
      const page = await reader.open(html, view);
      expect(await page.evaluate(unseenTexts, NOT_ON_PAPER)).toEqual([]);
      expect(await page.evaluate(overflowing)).toEqual([]);
      expect(await page.evaluate(paleThings)).toEqual([]);
    });

    test("names what it shows, in order", async () => {
      const page = await reader.open(html);
      expect(await page.evaluate(nameless)).toEqual([]);
      await openAll(page);
      expect(await page.evaluate(nameless)).toEqual([]);
    });
  });

  test.each([320, 1440])("labels of lines that end alike stay apart at %i px", async (width) => {
    const page = await reader.open(renderHtml(crowdedReport()), { width });
    expect(await page.evaluate(collidingLabels)).toEqual([]);
  });

  test("a command is copied by keyboard, and that is said", async () => {
    const report = wholePassedReport();
    const page = await reader.open(renderHtml(report));
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator("[data-copy] + button").first().focus();
    await page.keyboard.press("Enter");
    await page.locator('[role="status"]', { hasText: "Copied" }).waitFor({ state: "attached" });
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(report.again);
  });

  test("numbers and findings unfold by keyboard", async () => {
    const page = await reader.open(renderHtml(failedReport()));
    for (const summary of [".numbers-behind > summary", ".rest > summary"]) {
      await page.locator(summary).first().focus();
      await page.keyboard.press("Enter");
      expect(await page.locator(`details[open] > ${summary.split(" > ")[1]}`).count()).toBe(1);
      await page.keyboard.press("Enter");
    }
  });

  test("a link to a folded finding unfolds it", async () => {
    const report = failedReport();
    const [, events] = report.categories;
    const folded = events?.checks[0]?.findings.at(-1);
    const page = await reader.open(renderHtml(report), { hash: `#2.1-${folded?.id}` });
    const opened = page.locator(`details.finding[open][id="2.1-${folded?.id}"]`);
    expect(await opened.isVisible()).toBe(true);
  });

  describe("what is planted is found:", () => {
    const html = renderHtml(failedReport());
    const short = renderHtml(smallReport());

    test("a picture from elsewhere, blocked by the page's own rule", async () => {
      await reader.open(planted(html, '<img alt="" src="http://127.0.0.1:9/">'));
      expect(reader.complaints.join()).toContain("Content Security Policy");
    });

    test("a picture from elsewhere, without that rule", async () => {
      const server = createServer((_request, response) => response.end());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dot.png`;
      const open = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
      await reader.open(planted(open, `<img alt="" src="${url}">`));
      server.close();
      expect(reader.complaints).toContain(`requested ${url}`);
    });

    test("a script, which does not run", async () => {
      const script = "<script>document.title = 'taken'</script><p onclick='1'>p</p>";
      const page = await reader.open(planted(html, script));
      expect(await page.title()).toContain("watertight report");
      expect(reader.complaints.length).toBeGreaterThan(0);
    });

    test.each([
      [":focus-visible { outline: none }", "shows no focus"],
      [
        ".contents { visibility: hidden } .contents a { visibility: visible; position: fixed; left: -99px }",
        "is outside the window",
      ],
      ["html { scroll-padding: 0 } .contents { height: 50vh }", "is covered by"],
    ])("a focus that is not seen: %s", async (css, fault) => {
      const page = await reader.open(short);
      await restyle(page, css);
      expect((await keyboardComplaints(page)).join("\n")).toContain(fault);
    });

    test("a button that Tab passes by", async () => {
      const page = await reader.open(short);
      await page
        .locator("button")
        .first()
        .evaluate((button) => button.setAttribute("tabindex", "-1"));
      expect((await keyboardComplaints(page)).join("\n")).toContain("Tab never reaches");
    });

    test.each([
      ["wide", overflowing, ".lead { width: 500px }"],
      ["covers", collidingLabels, ".plot text { font-size: 40px !important }"],
      ["sticks out", collidingLabels, ".plot { margin-left: 60px }"],
      ["of 4.5: With 50 users", paleThings, ".take { color: #8a8a8a }"],
      ["of 4.5", paleThings, ".plot text { fill: #8a8a8a !important }"],
      ["of 4.5", paleThings, ".finding { background: #7d7d7d }"],
      ["of 3: curve", paleThings, ".plot .curve { stroke: #d0d0d0 }"],
      ["smaller than 24 px", nameless, "button { height: 12px; align-self: center }"],
    ] as const)("%s", async (fault, check, css) => {
      const page = await reader.open(html, PHONE);
      await restyle(page, css);
      expect((await page.evaluate(check)).join("\n")).toContain(fault);
    });

    test("a text that is not on paper", async () => {
      const page = await reader.open(html, { media: "print" });
      await restyle(
        page,
        "details::details-content { content-visibility: hidden !important; block-size: 0 !important }",
      );
      expect((await page.evaluate(unseenTexts, NOT_ON_PAPER)).length).toBeGreaterThan(100);
    });

    test.each([
      ["no name", ' aria-label="Passed"', ""],
      ["goes from level 2 to 4", "<h3", "<h4"],
      ["leads nowhere", ' id="throughput-name"', ""],
      ["no scope", ' scope="row"', ""],
      ["no language", ' lang="en"', ""],
      ["neither named nor hidden", ' role="img"', ""],
    ])("%s, without %s", async (fault, part, instead) => {
      const page = await reader.open(html.replaceAll(part, instead));
      expect((await page.evaluate(nameless)).join("\n")).toContain(fault);
    });
  });
});

test.each([
  [{ CHROME_PATH: "/opt/a/chrome", PATH: "/usr/bin" }, "/opt/a/chrome"],
  [{ PATH: "/nowhere" }, undefined],
  [{}, undefined],
])("a browser is what CHROME_PATH names, and none where there is none: %j", (env, path) => {
  expect(findBrowser(env)).toBe(path);
});

test("a browser on PATH is found, if it can be run", () => {
  const folder = mkdtempSync(join(tmpdir(), "watertight-browser-"));
  const path = join(folder, "google-chrome");
  writeFileSync(path, "", { mode: 0o644 });
  expect(findBrowser({ PATH: `/nowhere${delimiter}${folder}` })).toBeUndefined();
  chmodSync(path, 0o755);
  expect(findBrowser({ PATH: `/nowhere${delimiter}${folder}` })).toBe(path);
  rmSync(folder, { recursive: true });
});

/** Puts something at the end of a page. */
function planted(html: string, markup: string): string {
  return html.replace("<footer>", `${markup}<footer>`);
}

async function openAll(page: Page): Promise<void> {
  await page.locator("details").evaluateAll((all) => {
    for (const details of all) details.setAttribute("open", "");
  });
}

/** Adds rules to a page; a sheet that a debugger makes is no style of the page. */
async function restyle(page: Page, css: string): Promise<void> {
  await page.evaluate(
    `{ const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(css)}); document.adoptedStyleSheets = [sheet]; }`,
  );
}
