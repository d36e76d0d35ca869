import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { TestClient } from "./test-client.ts";
import { startServer, type TestServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

const OPERATOR = { authorization: "Operator" };
const options = {
  authorizeOperator: ({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }) =>
    headers["authorization"] === OPERATOR.authorization,
};

function ask(
  server: TestServer,
  path: string,
  method = "GET",
  headers: Readonly<Record<string, string>> = OPERATOR,
): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers });
}

describe("an operator", () => {
  it("sees what one user has, and nothing that was said or that another has", async () => {
    await using server = await startServer(options);
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    alice.run("wait", "run-of-alice");
    bob.run("wait", "run-of-bob");
    await Promise.all([alice.ofType("CUSTOM"), bob.ofType("CUSTOM")]);

    const response = await ask(server, "/admin/users/default/alice");
    const text = await response.text();

    expect(JSON.parse(text)).toMatchObject({
      tenantId: "default",
      userId: "alice",
      sessions: [{ sessionId: alice.frames[0]?.["sessionId"] }],
      connections: [{ id: alice.frames[0]?.["connectionId"], state: "ready" }],
      runs: [{ runId: "run-of-alice", agentName: "wait", status: "running" }],
      log: { first: 1, last: 2 },
    });
    expect(text).not.toContain("bob");
    expect(text).not.toContain("before");
  });

  it("drains one user: runs end as cancelled and are told, lines close, nothing is lost, nobody else is touched", async () => {
    await using server = await startServer(options);
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    for (const client of [alice, bob]) client.run("wait", "run");
    await Promise.all([alice.ofType("CUSTOM"), bob.ofType("CUSTOM")]);

    expect((await ask(server, "/admin/users/default/alice/drain", "POST")).status).toBe(204);

    expect(await alice.endOf("run")).toMatchObject({ outcome: { type: "cancelled" } });
    expect((await alice.closed).code).toBe(1001);
    server.agents.release();
    expect(await bob.endOf("run")).toMatchObject({ outcome: { type: "success" } });
    await using back = await server.connect("alice", "/ws?after=oldest");
    await back.endOf("run");
    expect(back.eventsOf("run")).toEqual(alice.eventsOf("run"));
  });

  it("exports what is kept of one user, who need not be there", async () => {
    await using server = await startServer(options);
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    for (const client of [alice, bob]) client.run("echo", "run");
    await Promise.all([alice.endOf("run"), bob.endOf("run")]);
    const there = await (await ask(server, "/admin/users/default/alice/export")).text();
    alice.socket.terminate();
    await expect.poll(() => server.runtime.health().users).toBe(1);

    const away = await (await ask(server, "/admin/users/default/alice/export")).text();

    expect(away).toBe(there);
    const lines = away.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5]);
    expect(away).toContain("hello alice");
    expect(away).not.toContain("bob");
    await expect.poll(() => server.runtime.health().users).toBe(1);
  });

  it("erases one user: signed out, ended, forgotten, and nobody else is", async () => {
    await using server = await startServer(options);
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    for (const client of [alice, bob]) client.run("echo", "run");
    await Promise.all([alice.endOf("run"), bob.endOf("run")]);

    expect((await ask(server, "/admin/users/default/alice", "DELETE")).status).toBe(204);

    expect((await alice.closed).code).toBe(4512);
    await using again = await server.connect("alice", "/ws?after=oldest");
    await again.fence();
    expect(again.frames.filter(({ metadata }) => metadata !== undefined)).toEqual([]);
    await using bobs = await server.connect("bob", "/ws?after=oldest");
    expect(await bobs.endOf("run")).toBeDefined();
    again.run("echo", "run");
    expect(await again.endOf("run")).toMatchObject({ outcome: { type: "success" } });
  });

  it("is the only one: to anybody else there is nothing there", async () => {
    await using server = await startServer(options);
    await using closed = await startServer();
    await server.connect("alice");
    const token = { authorization: `Bearer ${await signToken("alice")}` };

    const answers = await Promise.all([
      ask(server, "/admin/users/default/alice", "GET", token),
      ask(server, "/admin/users/default/alice", "DELETE", {}),
      ask(closed, "/admin/users/default/alice"),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    for (const nobody of ["%00", "a".repeat(257), "%F0%9F"]) {
      expect([400, 404]).toContain((await ask(server, `/admin/users/default/${nobody}`)).status);
    }
    expect(server.told).toEqual([]);
    expect(server.runtime.health().users).toBe(1);
  });
});

describe("metrics", () => {
  it("are the five of isolation and more, in Prometheus' form, and name nobody", async () => {
    await using server = await startServer();
    await using other = await startServer();
    const alice = await server.connect("alice");
    alice.run("echo", "run-of-alice");
    await alice.endOf("run-of-alice");
    alice.run("fails", "2");
    await alice.endOf("2");

    const text = await (await ask(server, "/metrics")).text();

    for (const line of [
      "watertight_isolation_success_ratio 1",
      "watertight_event_routing_accuracy_ratio 1",
      'watertight_response_seconds_count{users="1"} 2',
      'watertight_events_total{status="delivered"} 8',
      'watertight_runs_total{agent="echo",status="finished"} 1',
      'watertight_runs_total{agent="fails",status="failed"} 1',
      'watertight_alarms_total{alarm="AGENT_FAILED"} 1',
      "watertight_users 1",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(Number(/^watertight_memory_megabytes_per_user (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(
      10,
    );
    expect(Number(/^watertight_concurrency_incidents_per_1000 (\S+)$/m.exec(text)?.[1])).toBe(100);
    expect(text).not.toMatch(/alice|thread-1|run-of/);
    expect(await (await ask(other, "/metrics")).text()).toContain("watertight_users 0");
  });

  it("say ready until the server closes, and which alarms are on", async () => {
    await using server = await startServer();
    const status = async (path: string) => (await ask(server, path)).status;

    expect([await status("/readyz"), await status("/healthz")]).toEqual([200, 200]);
    expect(await (await ask(server, "/alarms")).json()).toEqual({ status: "healthy", alarms: [] });
    await server.runtime.close();

    expect([await status("/readyz"), await status("/healthz")]).toEqual([503, 503]);
  });
});

describe("a ticket", () => {
  async function issue(server: TestServer, userId: string, path = "/tickets"): Promise<Response> {
    return ask(server, path, "POST", { authorization: `Bearer ${await signToken(userId)}` });
  }

  it("lets a socket without any header in as its user, once", async () => {
    await using server = await startServer();
    const { ticket } = (await (await issue(server, "alice")).json()) as { readonly ticket: string };
    const url = server.url(`/ws?ticket=${encodeURIComponent(ticket)}`);

    await using alice = await new TestClient(url).opened();
    await alice.ofType("ready");
    alice.run("echo", "run");
    await alice.endOf("run");

    expect(server.agents.started.map(({ user }) => user.userId)).toEqual(["alice"]);
    await expect(new TestClient(url).opened()).rejects.toThrow("401");
  });

  it("is given to nobody without a proof, nor for another ticket, and is not what was not given", async () => {
    await using server = await startServer();
    const { ticket } = (await (await issue(server, "alice")).json()) as { readonly ticket: string };
    const anonymous = await ask(server, "/tickets", "POST", {});
    const second = await issue(server, "alice", `/tickets?ticket=${ticket}`);
    const [owner, secret = ""] = ticket.split(".");
    const forged = `${owner}.${secret.slice(0, -2)}AA`;

    expect([anonymous.status, second.status]).toEqual([401, 401]);
    await expect(new TestClient(server.url(`/ws?ticket=${forged}`)).opened()).rejects.toThrow(
      "401",
    );
    await expect(new TestClient(server.url("/ws?ticket=")).opened()).rejects.toThrow("401");
    await using alice = await new TestClient(server.url(`/ws?ticket=${ticket}`)).opened();
    expect(await alice.ofType("ready")).toBeDefined();
  });

  it("for one session lets nobody into another, not even its own user", async () => {
    await using server = await startServer();
    const [one, other] = [await server.connect("alice"), await server.connect("alice")];
    const [id, otherId] = [one, other].map(({ frames }) => String(frames[0]?.["sessionId"]));
    const give = async () => {
      const response = await issue(server, "alice", `/tickets?session=${id}`);
      return ((await response.json()) as { readonly ticket: string }).ticket;
    };

    await using wrong = await new TestClient(
      server.url(`/ws?session=${otherId}&ticket=${await give()}`),
    ).opened();
    expect((await wrong.closed).code).toBe(4511);
    await using right = await new TestClient(server.url(`/ws?ticket=${await give()}`)).opened();
    expect(await right.ofType("ready")).toMatchObject({ sessionId: id });
    expect((await issue(server, "bob", `/tickets?session=${id}`)).status).toBe(404);
  });

  it("ends when its time is over, and never outlives the token that it was issued for", async () => {
    await using server = await startServer({ sessions: { ticketMs: 100 } });
    const { ticket } = (await (await issue(server, "alice")).json()) as { readonly ticket: string };
    await delay(150);

    await expect(new TestClient(server.url(`/ws?ticket=${ticket}`)).opened()).rejects.toThrow(
      "401",
    );
  });
});
