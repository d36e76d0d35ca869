import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { SingletonDetector } from "../../../src/detectors/heap-graph/singleton-detector.ts";
import { fixture, lineOf, snapshotOf } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const EVERYBODY = ["user-0", "user-1", "user-2"];
const className = "WebSocketManager";

async function detect(program: string) {
  const { heap, ownerOf } = await snapshotOf(fixture(program), { users: 3 });
  return new SingletonDetector(heap, ownerOf).detect(className);
}

describe("a class of components", () => {
  it("that is made once for each user is found innocent", async () => {
    const { usersPerInstance, ...rest } = await detect("correct.mjs");

    expect(usersPerInstance.map(String).toSorted()).toEqual(EVERYBODY);
    expect(rest).toEqual({ instances: 3, keepers: [], staticHolders: [], sharedState: [] });
  });

  it("that serves everybody with one instance is found, with the variables that hold it", async () => {
    const { staticHolders, keepers, ...rest } = await detect("singleton.mjs");

    expect(keepers.map(({ variable }) => variable)).toEqual(["WebSocketManager.#instance"]);
    expect(rest).toEqual({ instances: 1, usersPerInstance: [EVERYBODY], sharedState: [] });
    expect(staticHolders).toHaveLength(2);
    expect(staticHolders).toContainEqual({
      kind: "private static",
      variable: "WebSocketManager.#instance",
      users: 3,
      path: "#instance → WebSocketManager → #connections → Map → secret",
      file: fixture("singleton.mjs"),
      line: await lineOf("singleton.mjs", "static #instance"),
      column: 3,
    });
    expect(staticHolders).toContainEqual({
      kind: "export",
      variable: "sessions",
      users: 3,
      path: "sessions → Map",
      file: fixture("state.mjs"),
      line: 1,
      column: 14,
    });
  });

  it("that is kept by another module than its own is found there", async () => {
    const { staticHolders, keepers } = await detect("kept-elsewhere.mjs");

    expect(staticHolders).toEqual([]);
    expect(keepers).toEqual([
      {
        kind: "module variable",
        variable: "services",
        users: 3,
        path: "services → manager → WebSocketManager",
        file: fixture("kept-elsewhere.mjs"),
        line: await lineOf("kept-elsewhere.mjs", "const services"),
        column: 7,
      },
    ]);
  });

  it("whose instances are façades over one table is found, with the table", async () => {
    const { keepers, ...rest } = await detect("facades.mjs");

    expect(keepers.map(({ variable }) => variable)).toEqual(["managers"]);
    expect(rest).toEqual({
      instances: 3,
      usersPerInstance: [EVERYBODY, EVERYBODY, EVERYBODY],
      staticHolders: [],
      sharedState: [
        {
          kind: "instance",
          variable: "WebSocketManager.#table",
          users: 3,
          path: "#table → Map",
          file: fixture("facades.mjs"),
          line: await lineOf("facades.mjs", "#table;"),
          column: 3,
        },
      ],
    });
  });

  it("that doesn't exist has no instances", async () => {
    const { heap, ownerOf } = await snapshotOf(fixture("closure.mjs"), { users: 2 });

    expect(new SingletonDetector(heap, ownerOf).detect("NoSuchClass")).toEqual({
      instances: 0,
      keepers: [],
      usersPerInstance: [],
      staticHolders: [],
      sharedState: [],
    });
  });
});

describe("instances", () => {
  it("of subclasses count, and those of a package's class only where the application has none of that name", async () => {
    const { heap, ownerOf } = await withPackage((packageFile) =>
      snapshotOf(fixture("kinship.mjs"), { users: 3, message: { packageFile } }),
    );

    const { usersPerInstance } = new SingletonDetector(heap, ownerOf).detect(className);
    expect(usersPerInstance.map(String).toSorted()).toEqual(EVERYBODY);
    expect(new SingletonDetector(heap, ownerOf).detect("RedisManager").instances).toBe(2);
    expect(new SingletonDetector(heap, ownerOf).detect("ClusterManager").instances).toBe(1);
    // The name that a bundler wrote down for a class, in letters that the engine escapes.
    expect(new SingletonDetector(heap, ownerOf).detect("Größe").usersPerInstance).toEqual([
      ["user-0"],
    ]);
    // Where the application has no class of that name, a package's is meant.
    expect(new SingletonDetector(heap, ownerOf).detect("PackageOnly").instances).toBe(1);
  });
});

async function withPackage<T>(use: (packageFile: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
  const packageFile = join(folder, "node_modules", "library", "index.mjs");
  await mkdir(join(packageFile, ".."), { recursive: true });
  await writeFile(
    packageFile,
    "export class WebSocketManager { connections = [] }\nclass PackageOnly {}\nexport const only = new PackageOnly();\n",
  );
  try {
    return await use(packageFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
