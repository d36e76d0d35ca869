import { beforeAll, describe, expect, it, vi } from "vitest";
import { type DataHolder, findHolders } from "../../../src/detectors/heap-graph/holders.ts";
import { fixture, lineOf, startProgram } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const USERS = 3;
let holders: readonly DataHolder[] = [];

beforeAll(async () => {
  await using running = await startProgram(fixture("pitfalls.mjs"));
  await running.tell({ users: USERS });
  const heap = await running.snapshotWithBuffers();
  holders = findHolders(heap, { ownerOf: running.ownerOf, minUsers: 2 });
});

describe("a canary is found, with its variable,", () => {
  it.each([
    ["in a text of 300,000 letters", "longTexts", "Array → [0]"],
    ["that is cut in two by a joint", "joints", "Array → [0]"],
    ["that is cut in three by joints within joints", "deepJoints", "Array → [0]"],
    ["that is cut between two long texts", "longJoints", "Array → [0]"],
    ["in base64, at each alignment", "base64", "Array → [0]"],
    ["in base64 for URLs, at each alignment", "base64Url", "Array → [0]"],
    ["in hex", "hex", "Array → [0]"],
    ["in small letters", "smallLetters", "Array → [0]"],
    ["in a slice of the common pool of Buffers", "buffers", "Map → Buffer"],
    ["in an ArrayBuffer", "arrayBuffers", "Array → [0] → ArrayBuffer"],
    ["in shared memory", "sharedBytes", "Array → [0] → Uint8Array"],
  ])("%s", async (_, variable, path) => {
    const holder = holders.find((one) => one.variable === variable);

    expect(holder).toMatchObject({
      kind: "module variable",
      users: USERS,
      file: fixture("pitfalls.mjs"),
      line: await lineOf("pitfalls.mjs", `const ${variable} `),
    });
    expect(holder?.path.replaceAll(/\[\d\]/g, "[0]")).toBe(`${variable} → ${path}`);
    expect(holder).not.toHaveProperty("onlyRetains");
  });
});

describe("what only looks like sharing", () => {
  it("is said to retain a text where a part of it is held, not to hold it", () => {
    expect(holders.find(({ variable }) => variable === "slices")).toMatchObject({
      users: USERS,
      onlyRetains: true,
      path: expect.stringMatching(/^slices → Array → \[\d\] → a part that retains the whole text$/),
    });
  });

  it("is not named: halves of canaries, a class that knows the module, the last match, the pool", () => {
    expect(holders.map(({ variable }) => variable).sort()).toEqual([
      "arrayBuffers",
      "base64",
      "base64Url",
      "buffers",
      "deepJoints",
      "hex",
      "joints",
      "longJoints",
      "longTexts",
      "sharedBytes",
      "slices",
      "smallLetters",
    ]);
  });
});
