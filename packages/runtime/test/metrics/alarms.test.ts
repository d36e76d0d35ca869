import { describe, expect, it } from "vitest";
import { createWebSocketManager } from "../../src/connection/web-socket-manager.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import { createUserStream } from "../../src/event-log/user-stream.ts";
import { Monitor } from "../../src/metrics/monitor.ts";
import type { AlarmCode, Monitorable } from "../../src/metrics/monitorable.ts";
import type { RuntimeOptions } from "../../src/runtime-options.ts";
import type { SessionStore } from "../../src/session/session-store.ts";
import { FaultyEventLog } from "../event-log/faulty-event-log.ts";
import type { TestClient } from "../http/test-client.ts";
import { startServer, type TestServer } from "../http/test-server.ts";

const alice = createUserContext({ userId: "alice" });
const bob = createUserContext({ userId: "bob" });

function alarmsOf(monitor: Monitorable): readonly AlarmCode[] {
  return monitor.health().alarms.map(({ code }) => code);
}

/** A fault that is made to happen on a server where a user of no fault is at work. */
interface Fault {
  readonly alarm: AlarmCode;
  readonly options?: () => Partial<RuntimeOptions>;
  readonly happen: (server: TestServer, client: TestClient) => Promise<unknown>;
}

const log = (): FaultyEventLog => new FaultyEventLog(createMemoryEventLog());

async function run(client: TestClient, agent: string): Promise<void> {
  client.run(agent, agent);
  await client.endOf(agent);
}

const FAULTS: readonly Fault[] = [
  { alarm: "AGENT_FAILED", happen: (_, client) => run(client, "fails") },
  {
    alarm: "AGENT_DIED",
    options: () => ({ limits: { progressTimeoutMs: 50 } }),
    happen: (_, client) => run(client, "hangs"),
  },
  {
    alarm: "RUN_TIMEOUT",
    options: () => ({ limits: { runTimeoutMs: 50 } }),
    happen: (_, client) => run(client, "hangs"),
  },
  {
    alarm: "RUN_QUEUE_FULL",
    options: () => ({ limits: { maxConcurrentRuns: 1, maxQueuedRuns: 1 } }),
    happen: async (_, client) => {
      for (const runId of ["1", "2", "3"]) client.run("wait", runId);
      await client.ofType("error");
    },
  },
  { alarm: "EVENT_UNSENDABLE", happen: (_, client) => run(client, "unwritable") },
  {
    alarm: "INCIDENT_REPORTED",
    happen: async (_, client) => {
      client.send({ type: "incident", kind: "foreign" });
      await client.fence();
    },
  },
  {
    alarm: "AUTHENTICATION_BROKEN",
    options: () => ({
      authenticate: async ({ headers }) => {
        if (headers["x-fault"] !== undefined) throw new Error("no key server");
        return { tenantId: "default", userId: "alice" };
      },
    }),
    happen: (server) =>
      server.open("alice", "/ws", { headers: { "x-fault": "1" } }).catch(() => {}),
  },
  {
    alarm: "SERVER_FULL",
    options: () => ({ limits: { maxConnections: 1 } }),
    happen: async (server) => (await server.open("bob")).closed,
  },
  {
    alarm: "LOG_FAILED",
    options: () => ({ eventLog: Object.assign(log(), { appendFailure: undefined }) }),
    happen: async (server, client) => {
      (server.options.eventLog as FaultyEventLog).appendFailure = new Error("ENOSPC");
      client.run("echo", "run");
      await client.closed;
    },
  },
  {
    alarm: "SESSIONS_FAILED",
    options: () => {
      const sessionStore = createMemorySessionStore();
      const begin = sessionStore.create.bind(sessionStore);
      let calls = 0;
      const create: SessionStore["create"] = (...question) => {
        calls += 1;
        return calls > 1 ? Promise.reject(new Error("no store")) : begin(...question);
      };
      return { sessionStore: Object.assign(sessionStore, { create }) };
    },
    happen: async (server) => {
      expect((await (await server.open("bob")).closed).code).toBe(4006);
    },
  },
  {
    alarm: "OBSERVER_FAILED",
    happen: async ({ runtime }, client) => {
      runtime.sessions.onEnded(() => {
        throw new Error("listener");
      });
      await runtime.sessions.revokeAll(alice);
      await client.closed;
    },
  },
  {
    alarm: "LOOP_BLOCKED",
    options: () => ({ loopBlockedMs: 500 }),
    happen: async (server) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const until = performance.now() + 1200;
      while (performance.now() < until);
      await expect.poll(() => alarmsOf(server.runtime.monitor).length).toBeGreaterThan(0);
    },
  },
];

describe("health", () => {
  it("is green on a flawless run with all that users do, and stays so when the server closes", async () => {
    const server = await startServer();
    const [one, two] = [await server.connect("alice"), await server.connect("bob")];
    for (const client of [one, two]) {
      for (const agent of ["echo", "untidy"]) await run(client, agent);
      client.run("hangs", "cancelled");
      await client.first(({ metadata }) => metadata?.runId === "cancelled");
      client.cancel("cancelled");
      await client.endOf("cancelled");
    }
    one.socket.terminate();
    await expect.poll(() => server.runtime.health().users).toBe(1);
    await server.runtime.sessions.revokeAll(bob);
    await two.closed;

    expect(server.runtime.monitor.health()).toEqual({ status: "healthy", alarms: [] });
    await server[Symbol.asyncDispose]();
    expect(server.runtime.monitor.health()).toEqual({ status: "healthy", alarms: [] });
  });

  it.each(FAULTS)(
    "raises $alarm, and nothing else, for its fault",
    async ({ options, happen, alarm }) => {
      await using server = await startServer(options?.());
      const heard: AlarmCode[] = [];
      const leave = server.runtime.monitor.onAlarm(({ code }) => heard.push(code));
      await using client = await server.connect("alice");
      expect(alarmsOf(server.runtime.monitor)).toEqual([]);

      await happen(server, client);

      await expect.poll(() => alarmsOf(server.runtime.monitor)).toEqual([alarm]);
      expect(new Set(heard)).toEqual(new Set([alarm]));
      leave();
    },
  );

  it("raises FOREIGN_OWNER for what belongs to somebody else, LOG_BEHIND for what the log can't take, and nothing else", async () => {
    const monitor = new Monitor(60_000);
    const slow = log();
    slow.pace = new Promise(() => {});
    const stream = createUserStream(alice, slow, { maxPendingRecords: 1, onError: () => {} });
    const manager = createWebSocketManager(alice, { stream, monitor });
    const record = { kind: "event", threadId: "t", runId: "r", frame: "{}" } as const;

    expect(() => manager.publish(bob, record)).toThrow(/another user/);
    expect(alarmsOf(monitor)).toEqual(["FOREIGN_OWNER"]);
    await stream.opened;
    const results = [1, 2, 3].map(() => manager.publish(alice, record));

    expect(await results[2]).toEqual({ status: "refused", reason: "log-behind" });
    expect(alarmsOf(monitor)).toEqual(["FOREIGN_OWNER", "LOG_BEHIND"]);
    expect(monitor.counts.events.refused).toBeGreaterThan(0);
    await manager.dispose();
  });

  it("goes off when nothing was raised for its time, and counts how often until then", () => {
    let now = 0;
    const monitor = new Monitor(1000, () => now);
    monitor.raise("AGENT_DIED");
    now = 900;
    monitor.raise("AGENT_DIED");
    now = 1800;
    expect(monitor.health().alarms).toEqual([
      { code: "AGENT_DIED", count: 2, since: 0, lastAt: 900 },
    ]);
    now = 1900;

    expect(monitor.health()).toEqual({ status: "healthy", alarms: [] });
    expect(monitor.counts.alarms).toEqual({ AGENT_DIED: 2 });
  });
});
