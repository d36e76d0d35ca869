import { describe, expect, it } from "vitest";
import type { Agent, AgentContext } from "../../src/execution/agent.ts";
import { workerAgent } from "../../src/execution/isolated-agent.ts";
import { MODULE } from "../execution/cell-bench.ts";
import { TestClient } from "./test-client.ts";
import { startServer, type TestServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

async function connect(server: TestServer, claims: Record<string, unknown>): Promise<TestClient> {
  const headers = { authorization: `Bearer ${await signToken("alice", claims)}` };
  const client = await new TestClient(server.url(), { headers }).opened();
  await client.ofType("ready");
  return client;
}

async function post(
  server: TestServer,
  path: string,
  claims: object,
  body = "",
): Promise<Response> {
  const authorization = `Bearer ${await signToken("alice", { ...claims })}`;
  const headers = { authorization, "content-type": "application/json" };
  return fetch(`http://127.0.0.1:${server.port}${path}`, { method: "POST", headers, body });
}

describe("what a token allows", () => {
  it("reaches the agents that it asked for, by whatever way, and no others of the same user", async () => {
    const seen = new Map<string, AgentContext["scopes"]>();
    const looks: Agent = async function* (_, { runId, scopes }) {
      seen.set(runId, scopes);
      yield { type: "CUSTOM", name: "looked", value: 1 };
    };
    await using server = await startServer({ agents: { looks } });
    const reader = await connect(server, { scope: "read" });
    const writer = await connect(server, { scopes: ["read", "write"] });
    const plain = await connect(server, {});
    for (const [index, client] of [reader, writer, plain].entries()) {
      client.run("looks", `${index}`);
      await client.endOf(`${index}`);
    }

    const input = { threadId: "t", runId: "http", messages: [], tools: [], context: [] };
    await (await post(server, "/agui/looks", { scope: "post" }, JSON.stringify(input))).text();
    const issued = await post(server, "/tickets", { scope: "ticket" });
    const { ticket } = (await issued.json()) as { readonly ticket: string };
    const bearer = await new TestClient(server.url(`/ws?ticket=${ticket}`)).opened();
    bearer.run("looks", "ticket");
    await bearer.endOf("ticket");

    expect(Object.fromEntries(seen)).toEqual({
      0: ["read"],
      1: ["read", "write"],
      2: undefined,
      http: ["post"],
      ticket: ["ticket"],
    });
    for (const scopes of seen.values())
      expect(Object.isFrozen(scopes ?? Object.freeze([]))).toBe(true);
  });

  it("and what it uses cross the wall of a worker", async () => {
    await using server = await startServer({
      agents: { spends: workerAgent({ module: MODULE, exportName: "spends" }) },
      tokenBudgetOf: () => 10,
      limits: { tokenWindowMs: 3_600_000 },
    });
    const alice = await connect(server, { scope: "read" });
    alice.run("spends", "first");
    await alice.endOf("first");
    alice.run("spends", "second");

    expect((await alice.first(({ name }) => name === "said"))["value"]).toEqual(["read"]);
    const held = await alice.first(({ name }) => name === "watertight.queued");
    expect(held["value"]).toMatchObject({ reason: "token-budget" });
  });
});
