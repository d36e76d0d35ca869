import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding.ts";
import type { CategoryResult, Report } from "../../src/report.ts";
import { renderHtml } from "../../src/reporters/html.ts";
import { comparedReport } from "./changed-report.ts";
import {
  broadcastReport,
  canaryOf,
  diagonal,
  everyCell,
  inconclusiveReport,
  leakFinding,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";
import { wholeFailedReport, wholePassedReport } from "./whole-report.ts";

/** A page that nobody could mail any more has failed, whatever it shows. */
const MAX_BYTES = 700_000;

const REPORTS: readonly [string, Report][] = [
  ["passed", passedReport()],
  ["failed", broadcastReport()],
  ["is inconclusive", inconclusiveReport()],
  ["passed in seven categories", wholePassedReport()],
  ["failed in seven categories", wholeFailedReport()],
  ["has a baseline", comparedReport()],
];

describe.each(REPORTS)("the page of a report that %s", (_name, report) => {
  const html = renderHtml(report);

  it("is one file that loads nothing", () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/https?:\/\/|<link|<img|<iframe|\ssrc=|@import|url\((?!#)/);
  });

  it("lets the browser run its own style and script only", () => {
    const policy = attribute(html, "Content-Security-Policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${hashOf(html, "style")}';`);
    expect(policy).toContain(`script-src 'sha256-${hashOf(html, "script")}';`);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/\s(?:on\w+|style)=/);
  });

  it("is the same for the same report", () => {
    expect(renderHtml(structuredClone(report))).toBe(html);
  });

  it("says what was run, where, when, and how to run it again", () => {
    const page = textOf(html);
    for (const fact of [report.target.label, report.target.command, report.again]) {
      expect(page).toContain(fact);
    }
    expect(page).toContain("2026-07-14 09:31:22 UTC");
    expect(page).toContain("1 min 20 s");
    expect(page).toContain("v20.20.2");
    expect(page).toMatch(/Seed\s*8812/);
  });

  it("shows every check with what it rests on", () => {
    const page = textOf(html);
    for (const { title, checks } of report.categories) {
      expect(page).toContain(title);
      for (const { id, title: name, reason } of checks) {
        expect(page).toContain(`${id} ${name}`);
        expect(page).toContain(reason);
      }
    }
  });

  it("says what was not looked at", () => {
    const [, last = ""] = html.split('id="not-covered"');
    for (const gap of report.notCovered) expect(textOf(last)).toContain(gap);
  });

  it("gives every part a heading, every anchor an aim and every id one bearer", () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    const aims = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(aims.filter((aim) => !ids.includes(aim))).toEqual([]);
    expect(html.match(/<h1/g)).toHaveLength(1);
  });

  it("closes every element that it opens", () => {
    const open = openElements(html);
    expect(open).toEqual([]);
  });
});

describe("the verdict", () => {
  it("of a passed report is that nobody received anything foreign", () => {
    expect(textOf(renderHtml(passedReport()))).toContain(
      "50 users, 8 checks, 61,200 frames scanned: nobody received anything of anybody else’s.",
    );
  });

  it("of a leak is how many users stayed isolated", () => {
    expect(textOf(renderHtml(broadcastReport()))).toContain(
      "one user’s data reached another. None of 50 users stayed isolated.",
    );
    expect(textOf(renderHtml(singleLeakReport()))).toContain("48 of 50 users stayed isolated.");
  });

  it("of a failure without a leak accuses nobody of one", () => {
    const loss = leakFinding(1, 2, 3, { kind: "loss" });
    const { canary: _canary, from: _from, ...finding } = loss;
    const page = textOf(renderHtml(withFindings([finding])));
    expect(page).toContain("nobody received anything of anybody else’s, but 1 check failed.");
  });

  it("of an inconclusive report is that nothing is proved, and it is not green", () => {
    const html = renderHtml(inconclusiveReport());
    expect(textOf(html)).toContain("nothing is proved. 2 of 3 checks could not be judged.");
    expect(html).toContain('class="verdict inconclusive"');
    expect(html).not.toMatch(/class="statement clean"/);
  });

  it("counts each scanned frame once, though checks share rounds", () => {
    const report = passedReport({
      metrics: { ...passedReport().metrics, routing: { correct: 7, total: 7 } },
    });
    expect(textOf(renderHtml(report))).toContain("7 frames scanned");
  });
});

describe("a baseline", () => {
  const report = comparedReport();
  const page = textOf(renderHtml(report));

  it("says what the run counts for and why, beside what was seen", () => {
    expect(page).toContain(`This run counts as ${report.baseline?.verdict}.`);
    expect(page).toContain("Baseline watertight-baseline.json: 1 known finding, 1 new");
    for (const { id } of Object.values(report.baseline?.known ?? {})) {
      expect(page).toContain(`known ${id}`);
    }
  });

  it("has no part in a report without one", () => {
    expect(renderHtml(passedReport())).not.toMatch(/id="baseline"|href="#baseline"/);
  });
});

describe("the metrics", () => {
  it("say which of them were not measured, and show no number for those", () => {
    const none = { isolation: null, routing: null, memory: null, responseTime: null };
    const html = renderHtml(passedReport({ metrics: { ...none, incidents: null } }));
    expect(html.match(/not measured by these checks/g)).toHaveLength(5);
    expect(html.match(/<li class="unmeasured">/g)).toHaveLength(5);
    const [, tiles = ""] = html.split('class="tiles"');
    expect(textOf(tiles.split("</ul>")[0] ?? "")).not.toMatch(/\d/);
  });

  it("never round a misrouted frame away", () => {
    const routing = { correct: 9_999_999, total: 10_000_000 };
    const html = renderHtml(passedReport({ metrics: { ...passedReport().metrics, routing } }));
    expect(textOf(html)).toContain("99.99 %");
    expect(textOf(html)).toContain("1 reached somebody else");
  });

  // One run of a broken server lost several events of each of its answers.
  it("can count more incidents than operations", () => {
    const incidents = { count: 995, operations: 299 };
    const html = renderHtml(passedReport({ metrics: { ...passedReport().metrics, incidents } }));
    expect(textOf(html)).toContain(
      "3,328per 1,000 operations: 995 lost, doubled, reordered or blocked in 299",
    );
  });

  it("put the response time alone beside that under load", () => {
    const page = textOf(renderHtml(broadcastReport()));
    expect(page).toContain("×37");
    expect(page).toContain("5.79 ms alone, 214 ms with all users at once");
  });
});

describe("the routing matrix", () => {
  it("lights only the diagonal of a passed report", () => {
    const html = renderHtml(passedReport());
    expect(squaresIn(html, "own")).toHaveLength(50);
    expect(squaresIn(html, "foreign")).toEqual([]);
    expect(html).toContain("None of 2,450 foreign pairs was lit.");
  });

  it("lights exactly the foreign pairs that were given", () => {
    const cells = [...diagonal(50), [7, 3, 4], [7, 49, 1], [0, 1, 260]] as const;
    const html = renderHtml({ ...singleLeakReport(), matrix: { users: 50, cells } });
    expect(squaresIn(html, "foreign").sort()).toEqual([
      "user-00 → user-01: 260 frames",
      "user-07 → user-03: 4 frames",
      "user-07 → user-49: 1 frame",
    ]);
    expect(html).toContain("3 of 2,450 foreign pairs were lit.");
  });

  it("puts owners in rows and receivers in columns", () => {
    const matrix = { users: 2, cells: [[1, 0, 4]] as const };
    const html = renderHtml({ ...singleLeakReport(2), matrix });
    const [, x, y] = /class="foreign[^>]*>\s*<path d="M(\d+) (\d+)/.exec(html) ?? [];
    expect(Number(x)).toBeLessThan(110);
    expect(Number(y)).toBeGreaterThan(110);
  });

  it("lights everything when everything reached everybody", () => {
    const html = renderHtml(broadcastReport());
    expect(squaresIn(html, "foreign")).toHaveLength(2450);
    expect(html).toContain("2,450 of 2,450 foreign pairs were lit.");
  });

  it("says in words what it shows, for those who don't see it", () => {
    expect(renderHtml(singleLeakReport())).toMatch(
      /<svg class="matrix"[^>]*role="img" aria-label="1 of 2,450 foreign pairs was lit\. 50 of 50/,
    );
  });

  it("names the few pairs that are lit, and rings them", () => {
    const html = renderHtml(singleLeakReport());
    const [, table = ""] = html.split('class="sources"');
    expect(textOf(table)).toMatch(/user-07\s*user-03\s*4/);
    expect(html.match(/class="ring"/g)).toHaveLength(1);
  });

  it("shows whose own canaries never came home", () => {
    const html = renderHtml(inconclusiveReport());
    expect(squaresIn(html, "own")).toHaveLength(13);
    expect(squaresIn(html, "missing")).toHaveLength(37);
    expect(html).toContain("13 of 50 users got canaries of their own back.");
  });

  // Check 1.2 hands one user's run id to another, and `share` declares more: neither is astray.
  it("does not alarm about canaries that no check counted as astray", () => {
    const matrix = { users: 50, cells: [...diagonal(50), [0, 1, 1] as const] };
    const html = renderHtml(passedReport({ matrix }));
    expect(squaresIn(html, "foreign")).toEqual([]);
    expect(squaresIn(html, "lent")).toEqual(["user-00 → user-01: 1 frame"]);
    expect(html).toContain("No check counted these as astray");
  });

  it("bins a thousand users into blocks, and says so", () => {
    const html = renderHtml(singleLeakReport(1000));
    expect(html).toContain("a square stands for 10 × 10 users");
    expect(html).toContain("1 of 999,000 foreign pairs was lit.");
    expect(squaresIn(html, "own")).toHaveLength(100);
    expect(squaresIn(html, "foreign")).toEqual([
      "user-000…009 → user-000…009: 10 of 10 users’ own canaries came home, 1 of 90 foreign pairs lit, 4 frames astray",
    ]);
  });

  it("counts the last, smaller block right", () => {
    const matrix = { users: 121, cells: [[120, 0, 5]] as const };
    const html = renderHtml({ ...singleLeakReport(121), matrix });
    expect(squaresIn(html, "foreign")).toEqual([
      "user-120 → user-000…001: 1 of 2 foreign pairs lit, 5 frames astray",
    ]);
  });

  it("stays small when a million pairs are lit", () => {
    const html = renderHtml(broadcastReport(1000));
    expect(html).toContain("999,000 of 999,000 foreign pairs were lit.");
    expect(Buffer.byteLength(html)).toBeLessThan(MAX_BYTES);
  });

  it("stays small with ten thousand users, and a hundred thousand pairs lit", () => {
    const lit = Array.from({ length: 100_000 }, (_, place) => {
      const from = (place * 7919) % 10_000;
      return [from, (from + 1 + (place % 9_999)) % 10_000, 1 + (place % 5)] as const;
    });
    const matrix = { users: 10_000, cells: [...diagonal(10_000), ...lit] };
    const html = renderHtml({ ...singleLeakReport(10_000), matrix });
    expect(html).toContain("100,000 of 99,990,000 foreign pairs were lit.");
    expect(Buffer.byteLength(html)).toBeLessThan(MAX_BYTES);
  });

  it.each([1, 2, 3, 12, 13, 50, 120])("stays small with all pairs of %d users lit", (users) => {
    const matrix = { users, cells: everyCell(users) };
    const html = renderHtml({ ...broadcastReport(), users, matrix });
    expect(Buffer.byteLength(html)).toBeLessThan(MAX_BYTES);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("a finding", () => {
  const html = renderHtml(
    withFindings([leakFinding(7, 3, 4, { expected: "its own", lacks: "no" })]),
  );
  const page = textOf(html);

  it("names both users, the frame, the holder, the pattern and the way to replay it", () => {
    for (const fact of [
      "user-03 received 4 frames that belong to user-07",
      "user-03/socket-1, frame 12, TEXT_MESSAGE_CONTENT, 148 ms after the pattern began",
      "canary “question” of user-07, in plain text, at byte 84",
      "examples/singleton-backend/src/web-socket-manager.ts:31:5",
      "module variable managerInstance holds data of 50 users",
      "managerInstance → #usersByThread → Map → Set → [0]",
      "lockstep, seed 8812",
      "npx watertight check examples/singleton-backend --only 2.1 --seed 8812 --users 50",
      "Make what holds or routes it once per user, and put the user in the key of what is shared docs/fixes/shared-instance.md",
    ]) {
      expect(page).toContain(fact);
    }
    expect(page).toMatch(/proved\s*leak\s*seen 4 times\s*wt-/);
    expect(page).toMatch(/Expected\s*its own/);
    expect(page).toMatch(/Lacks\s*no/);
    expect(html).toMatch(/<b>user-07<\/b><svg role="img" aria-label="reached">.*<b>user-03<\/b>/);
  });

  it("gives numbers with interval and limit, and a strip only where there is a limit", () => {
    const measured = [
      {
        name: "heap growth per user",
        value: 38_912,
        low: 37_888,
        high: 40_960,
        unit: "B",
        limit: 200,
      },
      { name: "median beside a lone user's", value: 37.2, unit: "×", limit: 5 },
      { name: "contention", value: 83, low: 79.2, high: 86.1, unit: "%" },
      { name: "timers left", value: 60, unit: "" },
    ] as const;
    const measuredHtml = renderHtml(withFindings([leakFinding(7, 3, 1, { measured })]));
    const measuredPage = textOf(measuredHtml);
    for (const fact of [
      "Heap growth per user: 38.0 KB, 95 % interval 37.0 to 40.0 KB; limit 200 B",
      "Median beside a lone user's: ×37.2; limit ×5",
      "Contention: 83 %, 95 % interval 79.2 to 86.1 %",
      "Timers left: 60",
    ]) {
      expect(measuredPage).toContain(fact);
    }
    expect(measuredHtml.match(/<svg class="strip"/g)).toHaveLength(2);
  });

  it("draws the limit left of the number exactly if the number is above it", () => {
    const strip = (value: number): readonly number[] => {
      const measured = [{ name: "n", value, unit: "B", limit: 200 }] as const;
      const html = renderHtml(withFindings([leakFinding(7, 3, 1, { measured })]));
      const [, limit, dot] = /class="limit" d="M([\d.]+) .*?cx="([\d.]+)"/.exec(html) ?? [];
      return [Number(limit), Number(dot)];
    };
    const [crossed = 0, above = 0] = strip(300);
    const [kept = 0, below = 0] = strip(100);
    expect(above).toBeGreaterThan(crossed + 20);
    expect(below).toBeLessThan(kept - 20);
  });

  it("says how often it comes back, under the same delays and one after another", () => {
    const reproduction = {
      delayed: { failed: 17, of: 20 },
      oneAfterAnother: { failed: 0, of: 20 },
    };
    const again = renderHtml(withFindings([leakFinding(7, 3, 1, { reproduction })]));
    expect(textOf(again)).toMatch(
      /Comes back\s*17 of 20 under the same delays · 0 of 20 with users one after another/,
    );
    const untried = { ...reproduction, oneAfterAnother: { failed: 0, of: 0 } };
    const once = renderHtml(withFindings([leakFinding(7, 3, 1, { reproduction: untried })]));
    expect(textOf(once)).toContain("not tried with users one after another");
  });

  it("draws no transfer where a place is only shared", () => {
    const shared = leakFinding(7, 3, 1, { tier: "shared", kind: "shared-instance" });
    expect(renderHtml(withFindings([shared]))).toContain('aria-label="shares a place with"');
  });

  it("leaves out what it doesn't know", () => {
    const { frame: _frame, canary: _canary, expected: _expected, ...bare } = leakFinding(7, 3, 1);
    const bareHtml = renderHtml(withFindings([{ ...bare, heldIn: [] }]));
    expect(bareHtml).not.toMatch(
      /<dt>(?:Received|Expected|Measured|Held in|Comes back|Lacks)<\/dt>/,
    );
  });

  it.each([
    ["plain", canaryOf(7)],
    ["hex", Buffer.from(canaryOf(7)).toString("hex")],
    ["hex", Buffer.from(canaryOf(7)).toString("hex").toUpperCase()],
    ["base64", Buffer.from(canaryOf(7)).toString("base64")],
    ["base64", Buffer.from(`a${canaryOf(7)}`).toString("base64")],
    ["base64", Buffer.from(`ab${canaryOf(7)}`).toString("base64url")],
    ["plain", canaryOf(7).slice(0, 20)],
  ] as const)("marks its canary in %s: %s", (encoding, text) => {
    const marked = markedIn({ encoding, excerpt: `{"delta":"${text}` });
    expect(marked).toHaveLength(1);
    expect(text).toContain(marked[0]);
    expect((marked[0] ?? "").length).toBeGreaterThan(text.length - 8);
  });

  it("marks nothing that is not its canary", () => {
    const excerpt = `{"delta":"${canaryOf(8)}"}`;
    expect(markedIn({ encoding: "plain", excerpt })).toEqual([]);
  });

  it("lies open if it is one of the first three of its check, and unfolds otherwise", () => {
    const many = Array.from({ length: 25 }, (_, to) => leakFinding(49, to, 3));
    const long = renderHtml(withFindings(many));
    expect(long.match(/<article class="finding/g)).toHaveLength(3);
    expect(long.match(/<details class="finding/g)).toHaveLength(22);
    expect(long).toContain("<summary>22 more findings of this check</summary>");
    for (const { title } of many) expect(long).toContain(title);
  });
});

describe("hostile text", () => {
  const HOSTILE = `</script></title></style><script>alert(1)</script><img src=x onerror="alert(1)">'&`;
  const html = renderHtml(poison(wholeFailedReport(), HOSTILE));

  it("in any field of a report stays text", () => {
    const harmless = poison(wholeFailedReport(), HOSTILE.replaceAll(/\S/g, "x"));
    expect(tagsOf(html).join()).toBe(tagsOf(renderHtml(harmless)).join());
    expect(html).not.toContain("<img");
    expect(html.match(/<\/script>/g)).toHaveLength(1);
  });

  it("stays text inside a marked canary", () => {
    const { canary, frame, ...leak } = leakFinding(7, 3, 1);
    if (canary === undefined || frame === undefined) throw new Error("Expected a whole leak");
    const hostile = { ...canary, token: HOSTILE };
    const excerpt = `before ${HOSTILE} after`;
    const page = withFindings([{ ...leak, canary: hostile, frame: { ...frame, excerpt } }]);
    const [, marked = ""] = /<mark>(.*?)<\/mark>/.exec(renderHtml(page)) ?? [];
    expect(marked).not.toContain("<");
    expect(textOf(marked)).toBe(HOSTILE);
  });

  it("is shown as it came", () => {
    expect(textOf(html)).toContain(`user-03 received 96 frames that belong to user-07${HOSTILE}`);
    expect(textOf(html)).toContain(`canary “question${HOSTILE}”`);
  });

  it("can neither hide nor turn around what stands beside it", () => {
    const title = "a\u202Eb\u2066c\u0000d\u001B[2Je\u0085f";
    const page = textOf(renderHtml(withFindings([leakFinding(1, 2, 3, { title })])));
    expect(page).toContain("a‹U+202E›b‹U+2066›c␀d␛[2Je‹U+0085›f");
  });
});

function withFindings(findings: readonly Finding[]): Report {
  const report = singleLeakReport();
  const categories = report.categories.map((category): CategoryResult => ({
    ...category,
    checks: category.checks.map((check) => (check.id === "2.1" ? { ...check, findings } : check)),
  }));
  return { ...report, categories };
}

function markedIn(frame: { encoding: "plain" | "hex" | "base64"; excerpt: string }): string[] {
  const leak = leakFinding(7, 3, 1);
  const finding: Finding = {
    ...leak,
    ...(leak.frame && { frame: { ...leak.frame, excerpt: frame.excerpt } }),
    ...(leak.canary && { canary: { ...leak.canary, encoding: frame.encoding } }),
  };
  const html = renderHtml(withFindings([finding]));
  return [...html.matchAll(/<mark>([^<]*)<\/mark>/g)].map(([, text = ""]) => text);
}

/** The tooltips of all squares of one kind. */
function squaresIn(html: string, kind: string): string[] {
  const layers = html.matchAll(new RegExp(`<g class="${kind}(?: [^"]*)?">\n(.*?)</g>`, "gs"));
  const squares = [...layers].flatMap(([, layer = ""]) => [
    ...layer.matchAll(/<title>(.*?)<\/title>/g),
  ]);
  return squares.map(([, title = ""]) => textOf(title));
}

/** Adds a text to every text of a report but those that choose between a few words. */
function poison<T>(value: T, text: string, key = ""): T {
  if (typeof value === "string") {
    return ["verdict", "tier", "kind", "encoding", "unit"].includes(key)
      ? value
      : ((value + text) as T);
  }
  if (Array.isArray(value)) return value.map((item) => poison(item, text) as unknown) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, poison(item, text, name)]);
  return Object.fromEntries(entries) as T;
}

/** What a reader sees, roughly: no tags, entities as characters, runs of blanks as one. */
function textOf(html: string): string {
  const text = html.replace(/<(style|script|title)>.*?<\/\1>/gs, " ").replace(/<[^>]*>/g, "");
  return decode(text).replace(/\s+/g, " ");
}

function decode(text: string): string {
  const characters: Record<string, string> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&#96;": "`",
    "&amp;": "&",
  };
  return text.replace(/&(?:lt|gt|quot|#39|#96|amp);/g, (entity) => characters[entity] ?? entity);
}

function tagsOf(html: string): string[] {
  return [...html.matchAll(/<\/?([a-z][\w-]*)/gi)].map(([tag]) => tag);
}

function openElements(html: string): string[] {
  const open: string[] = [];
  const body = html.replace(/<(style|script)>.*?<\/\1>/gs, "").replace("<!doctype html>", "");
  for (const [, end, name = "", self] of body.matchAll(/<(\/?)([a-z][\w-]*)[^>]*?(\/?)>/gi)) {
    if (self === "/" || name === "meta") continue;
    if (end === "") open.push(name);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}

function attribute(html: string, policy: string): string {
  const content = new RegExp(`http-equiv="${policy}" content="([^"]*)"`).exec(html)?.[1];
  return decode(content ?? "");
}

function hashOf(html: string, element: "style" | "script"): string {
  const text = new RegExp(`<${element}>(.*?)</${element}>`, "s").exec(html)?.[1] ?? "";
  return createHash("sha256").update(text).digest("base64");
}
