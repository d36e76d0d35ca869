import type { Finding, Holder } from "../../src/finding.ts";
import type {
  CategoryResult,
  IsolationTestResult,
  Memory,
  Performance,
  Report,
  RoutingMatrix,
} from "../../src/report.ts";

type Cell = RoutingMatrix["cells"][number];

const SEED = 8812;

/** A report in which 50 users were served and every check passed. */
export function passedReport(changes: Partial<Report> = {}): Report {
  return {
    version: 1,
    tool: { name: "watertight", version: "0.1.0" },
    verdict: "passed",
    startedAt: "2026-07-14T09:31:22.411Z",
    durationMs: 79_595,
    target: {
      kind: "command",
      label: "examples/isolated-backend",
      command: "node dist/server.js",
    },
    users: 50,
    seed: SEED,
    again: "npx watertight check examples/isolated-backend --seed 8812 --users 50",
    environment: { node: "v20.20.2", platform: "linux", cpus: 8 },
    categories: passedCategories(50),
    metrics: {
      isolation: { isolatedUsers: 50, users: 50 },
      routing: { correct: 61_200, total: 61_200 },
      memory: { mbPerUser: 0.0914 },
      responseTime: { soloMs: 5.787, loadedMs: 6.41 },
      incidents: { count: 0, operations: 2310 },
    },
    performance: samplePerformance(),
    memory: sampleMemory(),
    matrix: { users: 50, cells: diagonal(50) },
    notCovered: [
      "What the server sends elsewhere (mail, other servers, logs) was not looked at.",
      "Compressed frames and bodies were not offered to the server.",
    ],
    ...changes,
  };
}

/** A back end that 50 users don't slow down. */
export function samplePerformance(): Performance {
  return {
    solo: { count: 200, p50: 5.4, p90: 6.1, p99: 9.8, max: 12.4 },
    points: [1, 5, 10, 20, 50].map((users) => ({
      users,
      thinkMs: 250,
      perSecond: (users * 1000) / (250 + 5.4 + users * 0.05),
      latency: {
        count: users * 40,
        p50: 5.4 + users * 0.05,
        p90: 6.2 + users * 0.08,
        p99: 10 + users * 0.2,
        max: 14 + users * 0.4,
      },
      cpuPerOperation: 1900 - users * 4,
      cpuShare: 0.0075 * users,
    })),
    fit: {
      lambda: 3.9,
      contention: 0.0004,
      coherency: 0,
      residual: 0.012,
      peakUsers: null,
      words: "users hardly wait for each other: 0.04 % of the work is done one after another",
    },
    fairness: {
      beside: { count: 320, p50: 7.9, p90: 12.1, p99: 18, max: 22 },
      flooded: { count: 320, p50: 8.2, p90: 12.8, p99: 19.4, max: 25 },
    },
  };
}

/** 94 KB per user, and nothing that stays. */
export function sampleMemory(): Memory {
  return {
    connected: [1, 5, 10, 20, 50].map((users) => ({
      users,
      bytes: 9_400_000 + users * 94_000 + (users % 3) * 1500,
    })),
    perUser: { slope: 94_010, low: 93_100, high: 94_900, intercept: 9_400_300 },
    afterLeaving: [10, 20, 30, 40, 50, 60].map((users) => ({
      users,
      bytes: 9_410_000 + users * 44 + (users % 20) * 30,
    })),
    perUserLeft: { slope: 44, low: -31, high: 118, intercept: 9_410_100 },
  };
}

/** A report in which every user received everything of everybody. */
export function broadcastReport(users = 50): Report {
  return passedReport({
    verdict: "failed",
    users,
    target: {
      kind: "command",
      label: "examples/singleton-backend",
      command: "node dist/server.js",
    },
    again: `npx watertight check examples/singleton-backend --seed ${SEED} --users ${users}`,
    categories: brokenCategories(users),
    metrics: {
      isolation: { isolatedUsers: 0, users },
      routing: { correct: 1_316, total: 61_200 },
      memory: { mbPerUser: 0.31 },
      responseTime: { soloMs: 5.787, loadedMs: 214.2 },
      incidents: { count: 46, operations: 2310 },
    },
    matrix: { users, cells: everyCell(users) },
  });
}

/** A report in which one user received four frames of another, and nothing else was wrong. */
export function singleLeakReport(users = 50): Report {
  const leak = leakFinding(7, 3, 4);
  const passed = passedCategories(users);
  const categories = passed.map((category) =>
    category.id === 2 ? failCheck(category, "2.1", [leak]) : category,
  );
  return passedReport({
    verdict: "failed",
    users,
    categories,
    metrics: {
      ...passedReport().metrics,
      isolation: { isolatedUsers: users - 2, users },
      routing: { correct: 61_196, total: 61_200 },
    },
    matrix: { users, cells: [...diagonal(users), [7, 3, 4]] },
    again: `npx watertight check examples/single-leak --seed ${SEED} --users ${users}`,
  });
}

/** A report in which too few answers came back to prove anything. */
export function inconclusiveReport(): Report {
  const silence =
    "Only 12 of 400 answers carried the user's own secret, so nothing was proved. The first of 388 errors: user-04/socket-1: the expected frame never came";
  const needs =
    "This check needs an agent that stops making progress: name one in the config under `agents.dies`";
  const checks = [
    check({
      id: "1.1",
      title: "concurrent user execution",
      verdict: "inconclusive",
      reason: silence,
      events: 412,
      control: { expected: 400, received: 12 },
    }),
    check({
      id: "1.3",
      title: "websocket bridge",
      reason:
        "both devices of each of 50 users heard both of the user's runs, whole and in order, and nobody else's",
    }),
  ];
  const routing = [
    check({
      id: "2.2",
      title: "death notifications",
      verdict: "inconclusive",
      reason: needs,
      events: 0,
      control: { expected: 0, received: 0 },
      patterns: [],
      durationMs: 0,
    }),
  ];
  return passedReport({
    verdict: "inconclusive",
    target: {
      kind: "components",
      label: "packages/chat/components.ts",
      command: "node component-host.js packages/chat/components.ts",
    },
    again: "npx watertight check packages/chat/components.ts --seed 8812 --users 50",
    categories: [
      { id: 1, title: "Concurrent user execution isolation", verdict: "inconclusive", checks },
      { id: 2, title: "WebSocket event user isolation", verdict: "inconclusive", checks: routing },
    ],
    metrics: {
      isolation: null,
      routing: { correct: 2812, total: 2812 },
      memory: null,
      responseTime: null,
      incidents: null,
    },
    matrix: { users: 50, cells: diagonal(50).filter(([from]) => from % 4 === 0) },
  });
}

/** Every user's own canaries came home, and nothing else. */
export function diagonal(users: number): Cell[] {
  return Array.from({ length: users }, (_, user): Cell => [user, user, 400 + ((user * 37) % 90)]);
}

/** Every pair is lit; some talk more, some stay longer. */
export function everyCell(users: number): Cell[] {
  const cells: Cell[] = [];
  for (let from = 0; from < users; from += 1) {
    for (let to = 0; to < users; to += 1) {
      const said = 40 + ((from * 7919) % 113);
      const heard = 60 + ((to * 104_729) % 41);
      cells.push([from, to, from === to ? 460 : Math.round((said * heard) / 50)]);
    }
  }
  return cells;
}

/** A leak with everything that a finding can carry. */
export function leakFinding(
  from: number,
  to: number,
  frames: number,
  changes: Partial<Finding> = {},
): Finding {
  const owner = userName(from);
  const receiver = userName(to);
  const token = canaryOf(from);
  return {
    id: `wt-${(from * 4099 + to * 17 + 0x2f9c1a).toString(16).slice(-6).padStart(6, "0")}`,
    check: "2.1",
    kind: "leak",
    tier: "proved",
    title: `${receiver} received ${frames} frames that belong to ${owner}`,
    from: owner,
    to: receiver,
    occurrences: frames,
    frame: {
      user: receiver,
      connection: `${receiver}/socket-1`,
      index: 12,
      type: "TEXT_MESSAGE_CONTENT",
      receivedAtMs: 148.3,
      excerpt: `{"type":"TEXT_MESSAGE_CONTENT","messageId":"m-4","delta":"You asked me to remember ${token}, and so I do","metadata":{"runId":"r4-run-${owner}","seq":7}}`,
    },
    canary: { owner, label: "question", token, encoding: "plain", offset: 84 },
    heldIn: [MANAGER_HOLDER, BRIDGE_HOLDER],
    pattern: { name: "lockstep", seed: SEED },
    replay: `npx watertight check examples/singleton-backend --only 2.1 --seed ${SEED} --users 50`,
    fix: {
      text: "make what holds or routes it once per user, and put the user in the key of what is shared",
      page: "docs/fixes/shared-instance.md",
    },
    ...changes,
  };
}

export function canaryOf(user: number): string {
  return `wtcanary7QkZr0bT4mXnV2sLw8Jc${String(user).padStart(4, "0")}`;
}

const MANAGER_HOLDER: Holder = Object.freeze<Holder>({
  kind: "module variable",
  variable: "managerInstance",
  file: "examples/singleton-backend/src/web-socket-manager.ts",
  line: 31,
  column: 5,
  users: 50,
  path: "managerInstance → #usersByThread → Map → Set → [0]",
});
const BRIDGE_HOLDER: Holder = Object.freeze<Holder>({
  kind: "module variable",
  variable: "bridgeInstance",
  file: "examples/singleton-backend/src/agent-web-socket-bridge.ts",
  line: 29,
  column: 5,
  users: 50,
  path: "bridgeInstance → AgentWebSocketBridge → #runToThread → Map → RunRoute → said",
});

function userName(user: number): string {
  return `user-${String(user).padStart(2, "0")}`;
}

function check(
  changes: Partial<IsolationTestResult> & Pick<IsolationTestResult, "id" | "title">,
): IsolationTestResult {
  return {
    verdict: "passed",
    reason: "",
    durationMs: 3_412,
    users: 50,
    events: 12_240,
    control: { expected: 400, received: 400 },
    patterns: ["lockstep", "overlap", "equal names"],
    findings: [],
    ...changes,
  };
}

function passedCategories(users: number): CategoryResult[] {
  const of = `${users} users`;
  return [
    {
      id: 1,
      title: "Concurrent user execution isolation",
      verdict: "passed",
      checks: [
        check({
          id: "1.1",
          title: "concurrent user execution",
          users,
          reason: `${of} in 6 schedules: 10156 frames scanned, every one its owner's`,
          patterns: [
            "one after another",
            "lockstep",
            "overlap",
            "equal names",
            "beside a slow run",
            "reconnect",
          ],
          durationMs: 16_867,
          control: { expected: 211, received: 211 },
        }),
        check({
          id: "1.2",
          title: "agent execution registry",
          users,
          reason: `equal run ids of ${of} stay apart, a repeated start starts nothing, nobody cancels another's run`,
          patterns: ["equal names", "borrowed ids"],
          events: 2_500,
          control: { expected: 100, received: 100 },
        }),
        check({
          id: "1.3",
          title: "websocket bridge",
          users,
          reason: `both devices of each of ${of} heard both of the user's runs, whole and in order, and nobody else's`,
          patterns: ["overlap", "equal names"],
          events: 11_000,
        }),
      ],
    },
    {
      id: 2,
      title: "WebSocket event user isolation",
      verdict: "passed",
      checks: [
        check({
          id: "2.1",
          title: "event routing",
          users,
          reason:
            "8850 frames, errors included, scanned a second after the last: each reached its owner, exactly once, in order",
        }),
        check({
          id: "2.2",
          title: "death notifications",
          users,
          reason:
            "10 agents died; each owner heard it once, as a death, within 3000 ms, and nobody else",
          patterns: ["lockstep"],
          events: 1_190,
          control: { expected: 50, received: 50 },
        }),
      ],
    },
    {
      id: 3,
      title: "Factory pattern validation",
      verdict: "passed",
      checks: [
        ["3.1", "manager", "WebSocketManager"],
        ["3.2", "bridge", "AgentWebSocketBridge"],
        ["3.3", "registry", "AgentExecutionRegistry"],
      ].map(([id = "", name = "", className = ""]) =>
        check({
          id,
          title: `${name} uniqueness`,
          users,
          reason: `${users} instances of ${className} for ${of} on two devices each, no state in common, all let go of when the users left`,
          patterns: ["overlap"],
          events: 2_800,
          control: { expected: 100, received: 100 },
          durationMs: id === "3.1" ? 6_292 : 3,
        }),
      ),
    },
  ];
}

function failCheck(
  category: CategoryResult,
  id: string,
  findings: readonly Finding[],
): CategoryResult {
  const checks = category.checks.map((made): IsolationTestResult => {
    if (made.id !== id) return made;
    const reason = `${findings.length} ${findings.length === 1 ? "observation" : "observations"}`;
    return { ...made, verdict: "failed", reason, findings };
  });
  return { ...category, verdict: "failed", checks };
}

function brokenCategories(users: number): CategoryResult[] {
  const [first, second, third] = passedCategories(users) as [
    CategoryResult,
    CategoryResult,
    CategoryResult,
  ];
  const leaks = Array.from({ length: 25 }, (_, place) =>
    leakFinding((place * 7 + 7) % 50, (place * 3 + 3) % 49, 96 - place * 2),
  );
  const execution = [
    ...leaks.slice(0, 4).map((leak) => ({ ...leak, check: "1.1" })),
    orderFinding(
      "loss",
      "user-11 did not receive every event of run r2-run-…: STEP_FINISHED, TEXT_MESSAGE_END are missing, and so did 9 others",
      38,
    ),
    orderFinding(
      "duplicate",
      "user-02 received events twice: TEXT_MESSAGE_CONTENT of run r2-run-…",
      6,
    ),
  ];
  const cancels = orderFinding(
    "foreign-access",
    "user-01 cancelled a run that belongs to user-00",
    25,
    {
      check: "1.2",
      from: "user-00",
      to: "user-01",
      expected: "someone else's run id to be answered like one that does not exist",
      fix: {
        text: "look things up by user first; a foreign id is not found",
        page: "docs/fixes/owner-in-key.md",
      },
    },
  );
  const { frame: _frame, ...deaths } = orderFinding(
    "missing-death",
    "user-05 was never told that the agent had died, and so did 8 others",
    9,
    {
      check: "2.2",
      to: "user-05",
      expected: "RUN_ERROR with code AGENT_DIED within 3000 ms",
      fix: {
        text: "watch an agent's progress, not a timer that beats beside it",
        page: "docs/fixes/agent-death.md",
      },
    },
  );
  const withDeaths = failCheck(failCheck(second, "2.1", leaks), "2.2", [deaths]);
  return [
    failCheck(failCheck(first, "1.1", execution), "1.2", [cancels]),
    withDeaths,
    failCheck(failCheck(third, "3.1", [sharedInstance(users)]), "3.3", [retained(users)]),
  ];
}

function orderFinding(
  kind: Finding["kind"],
  title: string,
  occurrences: number,
  changes: Partial<Finding> = {},
): Finding {
  const { frame, pattern, replay } = leakFinding(2, 11, 1);
  return {
    id: `wt-${(title.length * 40_503).toString(16).padStart(6, "0").slice(-6)}`,
    check: "1.1",
    kind,
    tier: "proved",
    title,
    to: "user-11",
    occurrences,
    ...(frame === undefined
      ? {}
      : {
          frame: {
            ...frame,
            type: "RUN_FINISHED",
            excerpt:
              '{"type":"RUN_FINISHED","runId":"r2-run-user-11","outcome":{"type":"success"},"metadata":{"seq":14}}',
          },
        }),
    expected:
      "RUN_STARTED, STEP_STARTED, TEXT_MESSAGE_START, 4 × TEXT_MESSAGE_CONTENT, TEXT_MESSAGE_END, STEP_FINISHED, RUN_FINISHED",
    heldIn: [],
    pattern: { ...pattern, name: "overlap" },
    replay,
    fix: {
      text: "let a user's events depend on nothing that another user's run can change",
      page: "docs/fixes/delivery.md",
    },
    ...changes,
  };
}

function sharedInstance(users: number): Finding {
  const { frame: _frame, canary: _canary, ...leak } = leakFinding(1, 0, users);
  return {
    ...leak,
    id: "wt-51a9d0",
    check: "3.1",
    kind: "shared-instance",
    tier: "shared",
    title: `One instance of WebSocketManager served ${users} users; one held data of ${users} of them`,
    occurrences: 1,
    expected: "an instance of WebSocketManager for each user",
    heldIn: [MANAGER_HOLDER],
    pattern: { name: "overlap", seed: SEED },
    replay: `npx watertight check examples/singleton-backend --only 3.1 --seed ${SEED} --users ${users}`,
    fix: { text: "create it per user, by a factory", page: "docs/fixes/shared-instance.md" },
    lacks: "a frame of this round that reached the wrong user through the instance",
  };
}

function retained(users: number): Finding {
  return {
    ...sharedInstance(users),
    id: "wt-77e2b4",
    check: "3.3",
    kind: "retained",
    tier: "retained",
    title: "1 of 1 instances of AgentExecutionRegistry are still held after all users left",
    expected: "no instance of AgentExecutionRegistry to be reachable once its user is gone",
    heldIn: [
      {
        kind: "static",
        variable: "AgentExecutionRegistry.instance",
        file: "examples/singleton-backend/src/agent-execution-registry.ts",
        line: 18,
        column: 19,
        users,
        path: "AgentExecutionRegistry.instance → #finishedRuns → Set → [0]",
      },
    ],
    fix: {
      text: "let the scope that creates an object dispose and release it",
      page: "docs/fixes/retained.md",
    },
    lacks: "a moment at which the left-over data reached anybody",
  };
}
