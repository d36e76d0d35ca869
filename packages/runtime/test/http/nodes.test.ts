import { describe, expect, it } from "vitest";
import type { Broker, Subscriber } from "../../src/broker/broker.ts";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { createMemoryBroker } from "../../src/drivers/memory/memory-broker.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import type { RuntimeOptions } from "../../src/runtime-options.ts";
import { FaultyEventLog } from "../event-log/faulty-event-log.ts";
import type { Frame, TestClient } from "./test-client.ts";
import { startServer, type TestServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

/** Two runtimes over one log, one session store and one broker. */
class TwoNodes implements AsyncDisposable {
  readonly a: TestServer;
  readonly b: TestServer;

  private constructor(a: TestServer, b: TestServer) {
    this.a = a;
    this.b = b;
  }

  static async start(broker: Broker = createMemoryBroker()): Promise<TwoNodes> {
    const shared: Partial<RuntimeOptions> = {
      broker,
      eventLog: createMemoryEventLog(),
      sessionStore: createMemorySessionStore(),
    };
    return new TwoNodes(await startServer(shared), await startServer(shared));
  }

  /** Neither told its operator of anything, and no alarm is on. */
  expectPeace(): void {
    expect([...this.a.told, ...this.b.told]).toEqual([]);
    for (const { runtime } of [this.a, this.b]) {
      expect(runtime.monitor.health()).toEqual({ status: "healthy", alarms: [] });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.a[Symbol.asyncDispose]();
    await this.b[Symbol.asyncDispose]();
  }
}

/** A broker that can lose what it is given, and own up to it. */
class LossyBroker implements Broker {
  readonly #inner = createMemoryBroker();
  readonly #subscribers = new Set<Subscriber>();
  isLossy = false;

  async publish(user: UserContext, text: string): Promise<void> {
    if (!this.isLossy) await this.#inner.publish(user, text);
  }

  async subscribe(user: UserContext, subscriber: Subscriber): Promise<() => void> {
    this.#subscribers.add(subscriber);
    return this.#inner.subscribe(user, subscriber);
  }

  ownUp(): void {
    for (const { gap } of this.#subscribers) gap();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner[Symbol.asyncDispose]();
  }
}

const alice = createUserContext({ tenantId: "default", userId: "alice" });
const placeOf = (frame: Frame): unknown => (frame.metadata as { position?: unknown }).position;
const sessionOf = async (client: TestClient): Promise<string> =>
  (await client.ofType("ready"))["sessionId"] as string;

async function post(server: TestServer, path: string, userId: string): Promise<number> {
  const headers = { authorization: `Bearer ${await signToken(userId)}` };
  const url = `http://127.0.0.1:${server.port}${path}`;
  return (await fetch(url, { method: "POST", headers })).status;
}

describe("two nodes", () => {
  it("bring what an agent on one of them says to sockets on both, in order and once", async () => {
    await using nodes = await TwoNodes.start();
    const [here, there] = [await nodes.a.connect("alice"), await nodes.b.connect("alice")];
    const bob = await nodes.b.connect("bob");

    // Both write at once, so that each sees gaps of the other's making.
    const runs = Array.from({ length: 10 }, (_, index) => `run-${index}`);
    for (const [index, run] of runs.entries()) {
      (index % 2 === 0 ? here : there).run("echo", run, `thread-${index}`);
    }
    for (const client of [here, there]) for (const run of runs) await client.endOf(run);
    await bob.fence();

    const events = [here, there].map(({ frames }) => frames.filter((frame) => frame.metadata));
    expect(events[0]?.length).toBeGreaterThan(3 * runs.length - 1);
    expect(events[1]?.map(placeOf)).toEqual(events[0]?.map(placeOf));
    expect(new Set(events[0]?.map(placeOf)).size).toBe(events[0]?.length);
    expect(events[1]).toEqual(events[0]);
    for (const run of runs) {
      const seqs = there.eventsOf(run).map(({ metadata }) => metadata?.seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    }
    expect(bob.frames.map(({ type }) => type)).toEqual(["ready", "pong"]);
    nodes.expectPeace();
  });

  it("leave the runs of the other alone when a user comes to them", async () => {
    await using nodes = await TwoNodes.start();
    const here = await nodes.a.connect("alice");
    here.run("wait", "run");
    await here.ofType("CUSTOM");

    const there = await nodes.b.connect("alice", "/ws?after=oldest");
    await there.ofType("CUSTOM");
    nodes.a.agents.release();

    expect((await there.endOf("run")).type).toBe("RUN_FINISHED");
    expect(there.eventsOf("run")).toEqual(here.eventsOf("run"));
    nodes.expectPeace();
  });

  it("cancel a run of the other's, by socket and by request, and nobody else's", async () => {
    await using nodes = await TwoNodes.start();
    const here = await nodes.a.connect("alice");
    for (const run of ["one", "two"]) here.run("wait", run, run);
    const bob = await nodes.a.connect("bob");
    bob.run("wait", "one");
    await expect.poll(() => nodes.a.agents.started.length).toBe(3);
    const there = await nodes.b.connect("alice");

    there.cancel("one");
    expect((await there.endOf("one"))["outcome"]).toEqual({ type: "cancelled" });
    expect(await post(nodes.b, "/runs/two/cancel", "alice")).toBe(202);
    expect((await here.endOf("two"))["outcome"]).toEqual({ type: "cancelled" });

    expect(await post(nodes.b, "/runs/two/cancel", "alice")).toBe(404);
    expect(await post(nodes.b, "/runs/two/cancel", "bob")).toBe(404);
    expect(await post(nodes.b, "/runs/none/cancel", "carol")).toBe(404);
    await bob.fence();
    expect(bob.eventsOf("one").map(({ type }) => type)).not.toContain("RUN_FINISHED");
    await expect.poll(() => nodes.b.runtime.health().users).toBe(1);
    nodes.expectPeace();
  });

  it("close the sockets of a session that ended on the other, at once, and no others", async () => {
    await using nodes = await TwoNodes.start();
    const [ends, stays] = [await nodes.a.connect("alice"), await nodes.a.connect("alice")];
    const bob = await nodes.a.connect("bob");

    expect(await nodes.b.runtime.sessions.revoke(alice, await sessionOf(ends))).toBe(true);

    expect((await ends.closed).code).toBe(4512);
    for (const client of [stays, bob]) await client.fence();
    expect(await nodes.b.runtime.sessions.revokeAll(alice)).toBe(1);
    expect((await stays.closed).code).toBe(4512);
    await bob.fence();
    nodes.expectPeace();
  });

  it("resume on the other what was had on one, and start no run twice", async () => {
    await using nodes = await TwoNodes.start();
    const here = await nodes.a.connect("alice");
    here.run("wait", "run");
    const last = await here.ofType("CUSTOM");
    await here[Symbol.asyncDispose]();

    const after = encodeURIComponent(String(placeOf(last)));
    const there = await nodes.b.connect("alice", `/ws?after=${after}`);
    there.run("wait", "run");
    await there.fence();
    nodes.a.agents.release();
    await there.endOf("run");

    expect((await there.ofType("ready"))["resume"]).toEqual({ status: "resumed" });
    expect(nodes.b.agents.started).toEqual([]);
    expect(there.eventsOf("run")[0]?.metadata?.seq).toBe((last.metadata?.seq ?? 0) + 1);
    nodes.expectPeace();
  });

  it("look for themselves when the broker owns up to a loss", async () => {
    const broker = new LossyBroker();
    await using nodes = await TwoNodes.start(broker);
    const [here, there] = [await nodes.a.connect("alice"), await nodes.b.connect("alice")];
    broker.isLossy = true;
    here.run("echo", "run");
    await here.endOf("run");
    await nodes.a.runtime.sessions.revoke(alice, await sessionOf(there));
    await there.fence();
    expect(there.eventsOf("run")).toEqual([]);

    broker.ownUp();

    expect((await there.closed).code).toBe(4512);
    expect(there.eventsOf("run")).toEqual(here.eventsOf("run"));
    nodes.expectPeace();
  });
});

describe("a broker", () => {
  it("that brings what is about somebody else is an alarm, and nobody obeys it", async () => {
    const inner = createMemoryBroker();
    const crossed: Broker = {
      publish: (_, text) => inner.publish(alice, text),
      subscribe: (_, subscriber) => inner.subscribe(alice, subscriber),
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    await using nodes = await TwoNodes.start(crossed);
    const [hers, his] = [await nodes.a.connect("alice"), await nodes.b.connect("bob")];
    hers.run("wait", "run");
    await hers.ofType("CUSTOM");
    his.run("echo", "run");
    await his.endOf("run");

    await expect
      .poll(() => nodes.a.runtime.monitor.health().alarms.map(({ code }) => code))
      .toEqual(["FOREIGN_OWNER"]);
    await hers.fence();
    expect(hers.eventsOf("run").every((frame) => !JSON.stringify(frame).includes("bob"))).toBe(
      true,
    );
    expect(nodes.a.runtime.health().users).toBe(1);
  });

  it("that can't be reached lets nobody in, and says so", async () => {
    const broker: Broker = {
      publish: () => Promise.reject(new Error("away")),
      subscribe: () => Promise.reject(new Error("away")),
      async [Symbol.asyncDispose]() {},
    };
    await using nodes = await TwoNodes.start(broker);
    const client = await nodes.a.open("alice");

    expect((await client.closed).code).toBe(4005);
    await expect.poll(() => nodes.a.runtime.health().users).toBe(0);
  });

  it("needs a log and a session store that are shared", async () => {
    const broker = createMemoryBroker();
    const sessionStore = createMemorySessionStore();
    for (const options of [
      { broker },
      { broker, sessionStore },
      { broker, eventLog: createMemoryEventLog() },
      { broker, sessionStore, eventLog: new FaultyEventLog(createMemoryEventLog()) },
    ]) {
      await expect(startServer(options)).rejects.toMatchObject({ code: "WT_OPTION_INVALID" });
    }
  });

  it("keeps no topic of users who have left", async () => {
    const broker = createMemoryBroker();
    await using nodes = await TwoNodes.start(broker);
    const clients = [await nodes.a.connect("alice"), await nodes.b.connect("bob")];
    expect(broker.topics).toBe(2);

    for (const client of clients) await client[Symbol.asyncDispose]();

    await expect.poll(() => broker.topics).toBe(0);
  });
});
