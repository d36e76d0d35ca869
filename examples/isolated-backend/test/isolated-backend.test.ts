import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackEnd, textOf } from "./back-end.ts";
import { describeOneUser } from "./one-user.ts";

describeOneUser("isolated-backend");

describe("two users of examples/isolated-backend", () => {
  let backEnd: BackEnd;
  beforeAll(async () => {
    backEnd = await BackEnd.start("isolated-backend");
  });
  afterAll(async () => {
    await backEnd.stop();
  });

  it("use the same thread id and the same run id at once and hear nothing of each other", async () => {
    const [alice, bob] = [await backEnd.connect("alice"), await backEnd.connect("bob")];
    const names = { threadId: "t1", runId: "r1" };
    alice.run("researcher", names, "What is a bulkhead for? (alice)");
    bob.run("researcher", names, "What is a bulkhead for? (bob)");
    await Promise.all([alice.end("r1"), bob.end("r1")]);
    for (const [device, own, other] of [
      [alice, "(alice)", "(bob)"],
      [bob, "(bob)", "(alice)"],
    ] as const) {
      expect(textOf(device.eventsOf("r1"))).toContain(own);
      expect(JSON.stringify(device.frames)).not.toContain(other);
    }
    await Promise.all([alice.close(), bob.close()]);
  });

  it("can't cancel each other's runs", async () => {
    const [alice, bob] = [await backEnd.connect("alice"), await backEnd.connect("bob")];
    alice.run("slow", { threadId: "t1", runId: "r2" }, "Mine?", { stepMs: 50 });
    await alice.next(({ type }) => type === "STEP_STARTED");
    bob.send({ type: "cancel", runId: "r2" });
    expect(await bob.next(({ type }) => type === "error")).toMatchObject({ code: "RUN_UNKNOWN" });
    expect(await alice.end("r2")).toMatchObject({ outcome: { type: "success" } });
    await Promise.all([alice.close(), bob.close()]);
  });

  it("don't hear of each other's dead agents", async () => {
    const [alice, bob] = [await backEnd.connect("alice"), await backEnd.connect("bob")];
    alice.run("flaky", { threadId: "t1", runId: "r3" }, "And then?", { ending: "hang" });
    expect(await alice.end("r3")).toMatchObject({ code: "AGENT_DIED" });
    bob.send({ type: "ping" });
    await bob.next(({ type }) => type === "pong");
    expect(bob.frames.map(({ type }) => type)).toEqual(["ready", "pong"]);
    await Promise.all([alice.close(), bob.close()]);
  });
});
