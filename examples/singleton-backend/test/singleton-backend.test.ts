import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackEnd, type Device } from "../../isolated-backend/test/back-end.ts";
import { describeOneUser } from "../../isolated-backend/test/one-user.ts";

describeOneUser("singleton-backend");

/** What the README says of this back end, shown. A leak that goes away makes the README a lie. */
describe("several users of examples/singleton-backend", () => {
  let backEnd: BackEnd;
  beforeAll(async () => {
    backEnd = await BackEnd.start("singleton-backend");
  });
  afterAll(async () => {
    await backEnd.stop();
  });

  it("receive each other's tool results, although all their ids differ", async () => {
    const names = ["ann", "ben", "cas", "dee", "eva"];
    const devices = await Promise.all(names.map((name) => backEnd.connect(`1-${name}`)));
    const asked = devices.map((device, place) => {
      const run = { threadId: `1-thread-${names[place]}`, runId: `1-run-${names[place]}` };
      device.run("researcher", run, "What is a bulkhead for?");
      return device.end(run.runId);
    });
    await Promise.all(asked);
    const leaked = devices.flatMap((device, place) =>
      device.frames.filter(({ metadata }) => !isOwn(metadata?.runId, names[place])),
    );
    expect(leaked.length).toBeGreaterThan(0);
    expect(new Set(leaked.map(({ type }) => type))).toEqual(new Set(["TOOL_CALL_RESULT"]));
    await closeAll(devices);
  });

  it("receive all events of a thread whose name they have in common", async () => {
    const [alice, bob] = await connectTwo(backEnd, 2);
    alice.run("slow", { threadId: "2-notes", runId: "2-a" }, "Mine?", { stepMs: 50 });
    bob.run("researcher", { threadId: "2-notes", runId: "2-b" }, "What is a bulkhead for?");
    await bob.end("2-a");
    expect(bob.eventsOf("2-a").length).toBeGreaterThan(3);
    const busy = bob.frames.find(({ code }) => code === "RUN_CONFLICT");
    expect(busy?.["message"]).toBe("The thread is busy with run 2-a.");
    await closeAll([alice, bob]);
  });

  it("lose their events to whoever uses the same run id later", async () => {
    const [alice, bob] = await connectTwo(backEnd, 3);
    alice.run("slow", { threadId: "3-a", runId: "3-run" }, "Alice's question", { stepMs: 50 });
    await alice.next(({ type }) => type === "STEP_STARTED");
    bob.run("slow", { threadId: "3-b", runId: "3-run" }, "Bob's question", { stepMs: 50 });
    await bob.end("3-run");
    expect(JSON.stringify(bob.frames)).toContain("Alice's");
    expect(JSON.stringify(alice.frames)).not.toContain("Alice's");
    await closeAll([alice, bob]);
  });

  it("all hear of the death of one user's agent", async () => {
    const [alice, bob] = await connectTwo(backEnd, 4);
    alice.run("flaky", { threadId: "4-a", runId: "4-run" }, "And then?", { ending: "hang" });
    expect(await bob.end("4-run")).toMatchObject({ code: "AGENT_DIED" });
    await closeAll([alice, bob]);
  });

  it("all receive what a user misses who has lost the connection", async () => {
    const [alice, bob] = await connectTwo(backEnd, 5);
    alice.run("slow", { threadId: "5-a", runId: "5-run" }, "In confidence", { stepMs: 50 });
    await alice.next(({ type }) => type === "STEP_STARTED");
    await alice.close();
    await bob.end("5-run");
    expect(JSON.stringify(bob.frames)).toContain("confidence");
    await bob.close();
  });

  it("can cancel each other's runs", async () => {
    const [alice, bob] = await connectTwo(backEnd, 6);
    alice.run("slow", { threadId: "6-a", runId: "6-run" }, "Mine?", { stepMs: 50 });
    await alice.next(({ type }) => type === "STEP_STARTED");
    bob.send({ type: "cancel", runId: "6-run" });
    expect(await alice.end("6-run")).toMatchObject({ outcome: { type: "cancelled" } });
    await closeAll([alice, bob]);
  });

  it("get no answer when another user has used their run id before", async () => {
    const [alice, bob] = await connectTwo(backEnd, 7);
    alice.run("flaky", { threadId: "7-a", runId: "7-run" }, "First");
    await alice.end("7-run");
    bob.run("flaky", { threadId: "7-b", runId: "7-run" }, "Second");
    bob.send({ type: "ping" });
    await bob.next(({ type }) => type === "pong");
    expect(bob.eventsOf("7-run")).toEqual([]);
    await closeAll([alice, bob]);
  });
});

it("has a README that points at the lines that it quotes", async () => {
  const folder = new URL("../", import.meta.url);
  const readme = await readFile(new URL("README.md", folder), "utf8");
  const quotes = [...readme.matchAll(/\[(src\/[\w-]+\.ts):(\d+)\]\([^)]*\)\s+`([^`]+)`/g)];
  expect(quotes.length).toBeGreaterThan(8);
  for (const [, file, line, code] of quotes) {
    const lines = (await readFile(new URL(String(file), folder), "utf8")).split("\n");
    expect(`${file}:${line} ${lines[Number(line) - 1]}`).toContain(code);
  }
});

function isOwn(runId: string | undefined, name: string | undefined): boolean {
  return runId === undefined || runId.endsWith(`-${name}`);
}

function connectTwo(backEnd: BackEnd, scene: number): Promise<[Device, Device]> {
  return Promise.all([backEnd.connect(`${scene}-alice`), backEnd.connect(`${scene}-bob`)]);
}

async function closeAll(devices: readonly Device[]): Promise<void> {
  await Promise.all(devices.map((device) => device.close()));
}
