import type { Finding } from "../../src/finding.ts";
import type {
  CategoryResult,
  IsolationTestResult,
  Memory,
  Performance,
  Report,
} from "../../src/report.ts";
import { broadcastReport, leakFinding, passedReport } from "./sample-report.ts";

type Draft = readonly [id: string, title: string, passed: string, failed: string];

const LATER: readonly (readonly [title: string, checks: readonly Draft[]])[] = [
  [
    "Memory leak prevention",
    [
      [
        "4.1",
        "manager memory bounds",
        "60 users came and left: no handle, timer or listener more than before, and memory grows by less than 200 B a user",
        "60 users came and left, and 60 timers stayed",
      ],
      [
        "4.2",
        "per-user memory isolation",
        "nothing of 60 users who left can be reached from what stays",
        "canaries of 60 users who left can still be reached",
      ],
    ],
  ],
  [
    "Race condition protection",
    [
      [
        "5.1",
        "concurrent websocket modifications",
        "20 users connected, renamed and left under 12 schedules: no update was lost",
        "an update was lost under 3 of 12 schedules",
      ],
      [
        "5.2",
        "concurrent bridge notifications",
        "240 ends of runs under 12 schedules: each was told once",
        "a run ended twice under 1 of 12 schedules",
      ],
    ],
  ],
  [
    "Performance under load",
    [
      [
        "6.1",
        "response time scaling",
        "the median of 50 users is ×1.5 of a lone user's; a flood of one costs the others ×1.0",
        "users wait for each other: 83.00 % of the work is done one after another",
      ],
      [
        "6.2",
        "memory scaling",
        "memory follows a straight line: 91.8 KB a user",
        "each user costs 1.20 MB, above the limit of 0.50 MB",
      ],
    ],
  ],
  [
    "Comprehensive validation",
    [
      [
        "7.1",
        "comprehensive isolation",
        "25 users, 3 agents each, with reconnects, cancels, two devices, slow readers, a death and a flood: 9,120 frames, each its owner's",
        "25 users, 3 agents each, all at once: 412 frames reached somebody else",
      ],
    ],
  ],
];

/** Seven categories and fifteen checks, all of them passed. */
export function wholePassedReport(): Report {
  const passed = passedReport();
  return passedReport({ categories: [...passed.categories, ...laterCategories("passed")] });
}

/** Seven categories and fifteen checks of a back end that fails in each way that there is. */
export function wholeFailedReport(): Report {
  const failed = broadcastReport();
  return {
    ...failed,
    categories: [...failed.categories, ...laterCategories("failed")],
    performance: lockedPerformance(),
    memory: leakingMemory(),
  };
}

function laterCategories(verdict: "passed" | "failed"): CategoryResult[] {
  return LATER.map(([title, drafts], place) => ({
    id: place + 4,
    title,
    verdict,
    checks: drafts.map((draft) => createCheck(draft, verdict)),
  }));
}

function createCheck(draft: Draft, verdict: "passed" | "failed"): IsolationTestResult {
  const [id, title, passed, failed] = draft;
  return {
    id,
    title,
    verdict,
    reason: verdict === "passed" ? passed : failed,
    durationMs: 8_412,
    users: 50,
    events: 2_912,
    control: { expected: 240, received: 240 },
    patterns: id.startsWith("5") ? ["delays at awaits", "one after another"] : ["overlap"],
    findings: verdict === "passed" ? [] : findingsOf(id),
  };
}

function findingsOf(check: string): readonly Finding[] {
  return [handleLeak(), kept(), lostUpdate(), contention(), costPerUser()].filter(
    (finding) => finding.check === check,
  );
}

function bare(
  check: string,
  changes: Partial<Finding> & Pick<Finding, "id" | "kind" | "title">,
): Finding {
  const { frame: _frame, canary: _canary, from: _from, to: _to, ...rest } = leakFinding(1, 0, 1);
  const replay = `npx watertight replay ${changes.id}`;
  return { ...rest, check, heldIn: [], replay, ...changes };
}

function handleLeak(): Finding {
  return bare("4.1", {
    id: "wt-41c0de",
    kind: "handle-leak",
    tier: "retained",
    title: "60 timers are still running after 60 users have left",
    measured: [
      { name: "timers per user who left", value: 1, low: 0.98, high: 1.02, unit: "", limit: 0 },
    ],
    fix: { text: "clear a timer where its owner is disposed of", page: "docs/fixes/retained.md" },
    lacks: "a moment at which a timer acted for a user who had left",
  });
}

function kept(): Finding {
  const [holder] = leakFinding(1, 0, 1).heldIn;
  return bare("4.2", {
    id: "wt-42abcd",
    kind: "heap-growth",
    tier: "retained",
    title:
      "Memory grows with every user who leaves, and canaries of 60 of them can still be reached",
    heldIn: holder === undefined ? [] : [holder],
    measured: [
      {
        name: "heap growth per user who left",
        value: 38_912,
        low: 37_888,
        high: 40_960,
        unit: "B",
        limit: 200,
      },
      { name: "users whose canaries are still held", value: 60, unit: "" },
    ],
    fix: {
      text: "let the scope that creates an object release it",
      page: "docs/fixes/retained.md",
    },
    lacks: "a moment at which the left-over data reached anybody",
  });
}

function lostUpdate(): Finding {
  return bare("5.1", {
    id: "wt-5107da",
    kind: "loss",
    title: "user-04 changed the topic of a thread, and the change was lost",
    to: "user-04",
    occurrences: 3,
    expected: "both changes to be in the thread afterwards",
    pattern: { name: "delays at awaits", seed: 8812 },
    reproduction: { delayed: { failed: 17, of: 20 }, oneAfterAnother: { failed: 0, of: 20 } },
    fix: {
      text: "read, change and write a record without an await between",
      page: "docs/fixes/delivery.md",
    },
    lacks: "2 of 31 files could not be instrumented",
  });
}

function contention(): Finding {
  return bare("6.1", {
    id: "wt-61b10c",
    kind: "contention",
    title: "Users wait for each other: 83 % of the work is done one after another",
    measured: [
      { name: "contention", value: 83, low: 79.2, high: 86.1, unit: "%", limit: 20 },
      { name: "median of 50 users beside a lone user's", value: 37.2, unit: "×", limit: 5 },
      { name: "median of 50 users", value: 1_004.4, unit: "ms" },
    ],
    fix: {
      text: "hold no lock that all users share while something is awaited",
      page: "docs/fixes/delivery.md",
    },
  });
}

function costPerUser(): Finding {
  return bare("6.2", {
    id: "wt-62aaaa",
    kind: "memory-per-user",
    title: "Each connected user costs 1.20 MB",
    measured: [
      {
        name: "memory per connected user",
        value: 1.2,
        low: 1.17,
        high: 1.24,
        unit: "MB",
        limit: 0.5,
      },
    ],
    fix: { text: "keep per connection what a connection needs", page: "docs/fixes/retained.md" },
  });
}

/** A back end in which a lock of 20 ms is held by one user after another. */
export function lockedPerformance(): Performance {
  const fit = { lambda: 38, contention: 0.83, coherency: 0.0004, residual: 0.041, peakUsers: 21 };
  return {
    solo: { count: 200, p50: 26.1, p90: 28.4, p99: 35, max: 41 },
    points: [1, 5, 10, 20, 50].map((users, place) => ({
      users,
      thinkMs: 0,
      perSecond: [38.2, 43.1, 45.6, 44.2, 38.4][place] ?? 0,
      latency: {
        count: users * 40,
        p50: 6 + users * 20,
        p90: 12 + users * 23,
        p99: 30 + users * 26,
        max: 40 + users * 31,
      },
      cpuPerOperation: 2100,
      cpuShare: 0.09,
    })),
    fit: { ...fit, words: "users wait for each other: 83 % of the work is done one after another" },
    fairness: {
      beside: { count: 320, p50: 406, p90: 470, p99: 561, max: 640 },
      flooded: { count: 320, p50: 2_004, p90: 2_310, p99: 2_904, max: 3_010 },
    },
  };
}

/** A back end that keeps 38 KB of each user who left. */
export function leakingMemory(): Memory {
  return {
    connected: [1, 5, 10, 20, 50].map((users, place) => ({
      users,
      bytes: 21_400_000 + users * 1_258_291 + ([200, -160, 420, -650, 300][place] ?? 0) * 1000,
    })),
    perUser: { slope: 1_258_291, low: 1_226_833, high: 1_300_234, intercept: 21_400_300 },
    afterLeaving: [10, 20, 30, 40, 50, 60].map((users, place) => ({
      users,
      bytes: 21_410_000 + users * 38_912 + ([9, -14, 4, 22, -12, 6][place] ?? 0) * 1000,
    })),
    perUserLeft: { slope: 38_912, low: 37_888, high: 40_960, intercept: 21_410_100 },
  };
}
