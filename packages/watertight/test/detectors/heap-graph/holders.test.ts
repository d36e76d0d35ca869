import { beforeAll, describe, expect, it, vi } from "vitest";
import { canaryNodes } from "../../../src/detectors/heap-graph/canary-nodes.ts";
import { findHolders } from "../../../src/detectors/heap-graph/holders.ts";
import type { Holder } from "../../../src/finding.ts";
import { fixture, type Heap, lineOf, snapshotOf } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const USERS = 3;

type Expectation = readonly [
  kind: Holder["kind"],
  variable: string,
  path: string,
  file: string,
  declaration: string,
];

const ESM: readonly Expectation[] = [
  ["export", "exported", "exported → Map → profile → motto", "", "export const exported"],
  ["export", "calledOtherwise", "calledOtherwise → Map", "", "const renamed = new Map()"],
  ["export", "sessions", "sessions → Map", "state.mjs", "export const sessions"],
  ["module variable", "perUser", "perUser → Map → Array → [0]", "", "const perUser = new Map()"],
  ["module variable", "lastSeen", "lastSeen → Array → [0]", "", "let lastSeen"],
  [
    "private static",
    "SocketManager.#instance",
    "#instance → SocketManager → connections → Map → user → secret",
    "",
    "static #instance",
  ],
  ["static", "SocketManager.byName", "byName → Map", "", "static byName"],
  [
    "module variable",
    "lazyManager",
    "lazyManager → LazyManager → #connections → Array → [0] → secret",
    "",
    "let lazyManager",
  ],
  ["module variable", "answerBySecret", "answerBySecret", "", "const answerBySecret"],
  ["module variable", "secrets", "secrets → Set", "", "const secrets"],
  ["module variable", "longTexts", "longTexts → Array → [0]", "", "const longTexts"],
  ["module variable", "ropes", "ropes → Array → [0]", "", "const ropes"],
  [
    "module variable",
    "slices",
    "slices → Array → [0] → a part that retains the whole text",
    "",
    "const slices",
  ],
  ["module variable", "encodings", "encodings → user-0", "", "const encodings"],
  [
    "module variable",
    "ownServer",
    "ownServer → Server → clients → Array → [0] → secret",
    "",
    "const ownServer",
  ],
];

const COMMONJS: readonly Expectation[] = [
  ["export", "exported", "exported → user-0 → secret", "", "module.exports = {"],
  ["export", "remembered", "remembered → Array → [0]", "state.cjs", "exports.remembered"],
  ["module variable", "remembered", "remembered → Array → [0]", "", "const { remembered }"],
  ["module variable", "perUser", "perUser → Map → Array → [0]", "", "const perUser"],
  ["module variable", "lastSeen", "lastSeen → Array → [0]", "", "let lastSeen"],
  [
    "private static",
    "SocketManager.#instance",
    "#instance → SocketManager → connections → Map → user → secret",
    "",
    "static #instance",
  ],
  ["static", "SocketManager.byName", "byName → Map", "", "static byName"],
  [
    "module variable",
    "lazyManager",
    "lazyManager → connections → Array → [0] → secret",
    "",
    "let lazyManager",
  ],
  ["module variable", "answerBySecret", "answerBySecret", "", "const answerBySecret"],
];

describe.each([
  ["ESM", "shared-places.mjs", ESM],
  ["CommonJS", "shared-places.cjs", COMMONJS],
])(
  "in a program of %s, the place where data of several users hangs is found:",
  (_, program, all) => {
    let holders: readonly Holder[] = [];

    beforeAll(async () => {
      const { heap, ownerOf } = await snapshotOf(fixture(program), { users: USERS });
      holders = findHolders(heap, { ownerOf, minUsers: 2 });
    });

    it.each(all)("%s %s", async (...expectation) => {
      const [kind, variable, path, file, declaration] = expectation;
      const holder = holders.find((one) => one.kind === kind && one.variable === variable);
      const where = file === "" ? program : file;

      expect(holder).toMatchObject({
        users: USERS,
        file: fixture(where),
        line: await lineOf(where, declaration),
      });
      // Which of the users comes first is the engine's business.
      expect(holder?.path.replaceAll(/\[\d\]/g, "[0]").replace(/user-\d/, "user-0")).toBe(path);
    });

    it("and no other", () => {
      const names = holders.map(({ kind, variable }) => `${kind} ${variable}`);
      const expected = all.map(([kind, variable]) => `${kind} ${variable}`);
      const isGlobal = (name: string): boolean => name === "global globalThis.sessionTable";

      expect(names.filter((name) => !isGlobal(name)).sort()).toEqual(expected.toSorted());
      expect(names.some(isGlobal)).toBe(program === "shared-places.mjs");
    });
  },
);

describe("a variable of a function", () => {
  it("is found when nothing better holds the data", async () => {
    const { heap, ownerOf } = await snapshotOf(fixture("closure.mjs"), { users: USERS });

    expect(findHolders(heap, { ownerOf, minUsers: 2 })).toEqual([
      {
        kind: "closure variable",
        variable: "sessions",
        users: USERS,
        path: "sessions → Map → secret",
        file: fixture("closure.mjs"),
        line: await lineOf("closure.mjs", "const sessions"),
        column: 9,
      },
    ]);
  });
});

describe("a correct program, in which data hangs on its user's own socket and timer", () => {
  let correct: Heap;

  beforeAll(async () => {
    correct = await snapshotOf(fixture("correct.mjs"), { users: USERS });
  });

  it("shares nothing, though it holds data of every user", () => {
    const { heap, ownerOf } = correct;

    expect([...canaryNodes(heap, ownerOf).keys()].sort()).toEqual(["user-0", "user-1", "user-2"]);
    expect(findHolders(heap, { ownerOf, minUsers: 2 })).toEqual([]);
  });

  it("has a timer for each user whose function holds that user's secret alone", () => {
    const { heap, ownerOf } = correct;
    const ofOne = findHolders(heap, { ownerOf, minUsers: 1 });

    expect(ofOne.map(({ kind, variable, users }) => `${kind} ${variable} ${users}`)).toEqual(
      Array.from({ length: USERS }, () => "closure variable secret 1"),
    );
  });

  it("shares nothing in the eyes of one who owns no canary", () => {
    expect(findHolders(correct.heap, { ownerOf: () => undefined, minUsers: 1 })).toEqual([]);
  });
});
