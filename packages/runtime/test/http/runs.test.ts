import { describe, expect, it } from "vitest";
import { startServer } from "./test-server.ts";

const terminal = /^RUN_(FINISHED|ERROR)$/;

describe("a run over the wire", () => {
  it.each([
    ["finishes", "echo", { type: "RUN_FINISHED", outcome: { type: "success" } }],
    ["is cancelled", "wait", { type: "RUN_FINISHED", outcome: { type: "cancelled" } }],
    ["fails", "fails", { type: "RUN_ERROR", code: "AGENT_FAILED" }],
    [
      "dies",
      "hangs",
      {
        type: "RUN_ERROR",
        code: "AGENT_DIED",
        message: 'Agent "hangs" died: no progress for 300 ms.',
      },
    ],
    ["is usurped by its agent", "usurps", { type: "RUN_ERROR", code: "AGENT_FAILED" }],
    ["says what can't be written", "unwritable", { type: "RUN_ERROR", code: "AGENT_FAILED" }],
  ])("that %s has one end, and nothing comes after it", async (_, agent, expected) => {
    await using server = await startServer({ limits: { progressTimeoutMs: 300 } });
    const alice = await server.connect("alice");

    alice.run(agent, "run");
    if (agent === "wait") {
      await alice.ofType("CUSTOM");
      alice.cancel("run");
    }
    const end = await alice.endOf("run");
    server.agents.release();
    alice.run("echo", "next");
    await alice.endOf("next");
    await alice.fence();

    expect(end).toMatchObject(expected);
    const types = alice.eventsOf("run").map(({ type }) => type);
    expect(types[0]).toBe("RUN_STARTED");
    expect(types.filter((type) => terminal.test(type))).toHaveLength(1);
    expect(types.at(-1)).toBe(end.type);
    expect(alice.eventsOf("run").map(({ metadata }) => metadata?.seq)).toEqual(
      types.map((__, index) => index + 1),
    );
  });

  it("that takes too long ends as RUN_TIMEOUT", async () => {
    await using server = await startServer({ limits: { runTimeoutMs: 50 } });
    const alice = await server.connect("alice");

    alice.run("hangs", "run");

    expect(await alice.endOf("run")).toMatchObject({ type: "RUN_ERROR", code: "RUN_TIMEOUT" });
  });

  it("closes what its agent left open before RUN_FINISHED", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");

    alice.run("untidy", "run");
    await alice.endOf("run");

    expect(
      alice
        .eventsOf("run")
        .slice(5)
        .map(({ type }) => type),
    ).toEqual([
      "REASONING_END",
      "TOOL_CALL_END",
      "TEXT_MESSAGE_END",
      "STEP_FINISHED",
      "RUN_FINISHED",
    ]);
  });

  it("is started once, however often and from wherever its user asks", async () => {
    await using server = await startServer();
    const [phone, desk] = [await server.connect("alice"), await server.connect("alice")];

    phone.run("wait", "run");
    phone.run("wait", "run");
    desk.run("wait", "run");
    await desk.fence();
    server.agents.release();
    await phone.endOf("run");
    phone.run("wait", "run");
    await phone.fence();

    expect(server.agents.started).toHaveLength(1);
    expect(phone.eventsOf("run").filter(({ type }) => type === "RUN_STARTED")).toHaveLength(1);
    expect(phone.eventsOf("run")).toEqual(desk.eventsOf("run"));
  });

  it("on another thread than its id was first used on is refused", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");
    alice.run("wait", "run", "one");
    await alice.ofType("CUSTOM");

    alice.run("wait", "run", "two");

    expect(await alice.ofType("error")).toMatchObject({ code: "RUN_CONFLICT", runId: "run" });
    expect(server.agents.started).toHaveLength(1);
  });

  it.each(["nobody", "toString", "__proto__"])("of the agent `%s` is refused", async (agent) => {
    await using server = await startServer();
    const alice = await server.connect("alice");

    alice.run(agent, "run");

    expect(await alice.ofType("error")).toMatchObject({ code: "AGENT_UNKNOWN", runId: "run" });
    alice.run("echo", "run");
    expect(await alice.endOf("run")).toBeDefined();
  });

  it("goes on when its user hangs up, and is heard to its end by who comes back with ?session=", async () => {
    await using server = await startServer();
    const first = await server.connect("alice");
    const { sessionId } = (await first.ofType("ready")) as unknown as { sessionId: string };
    first.run("wait", "run");
    await first.ofType("CUSTOM");
    first.socket.terminate();
    await expect.poll(() => server.runtime.health().connections).toBe(0);
    expect(server.runtime.health().users).toBe(1);

    const second = await server.connect("alice", `/ws?session=${sessionId}`);
    server.agents.release();

    expect(await second.endOf("run")).toMatchObject({ outcome: { type: "success" } });
    expect(second.eventsOf("run").map(({ type }) => type)).toEqual(["CUSTOM", "RUN_FINISHED"]);
    expect(server.agents.started[0]?.signal.aborted).toBe(true);
  });

  it("keeps its user here, and lets go of the user when it ends without a listener", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");
    alice.run("wait", "run");
    await alice.ofType("CUSTOM");
    alice.socket.terminate();
    await expect.poll(() => server.runtime.health().connections).toBe(0);
    const bob = await server.connect("bob");
    await bob.fence();
    expect(server.runtime.health().users).toBe(2);

    server.agents.release();

    await expect.poll(() => server.runtime.health().users).toBe(1);
  });
});
