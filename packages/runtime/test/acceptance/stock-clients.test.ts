import { randomUUID } from "node:crypto";
import { HttpAgent } from "@ag-ui/client";
import { HttpAgent as OldHttpAgent } from "ag-ui-client-0-0-59";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../http/test-server.ts";
import { signToken } from "../http/test-token.ts";
import { type CanaryAgents, createCanaryAgents } from "./canary-agents.ts";

const USERS = 20;
/** On a busy machine, too. */
const SOON = { timeout: 15_000 };

/** What the tests need of a stock client, of whichever version. */
interface StockAgent {
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
  readonly state: unknown;
  readonly pendingInterrupts: readonly { readonly id: string; readonly message?: string }[];
  runAgent(
    parameters: { readonly runId: string; readonly resume?: readonly object[] },
    subscriber: { readonly onEvent: (params: { readonly event: StockEvent }) => void },
  ): Promise<{ readonly result: unknown }>;
  abortRun(): void;
  addMessage(message: object): void;
}

interface StockEvent {
  readonly type: string;
  readonly code?: string;
  readonly outcome?: { readonly type: string };
  readonly name?: string;
  readonly value?: unknown;
}

type StockClient = new (config: {
  url: string;
  headers: Record<string, string>;
  threadId: string;
  initialMessages: object[];
}) => StockAgent;

/** One user with a stock client, and everything that the client let the user see. */
class StockUser {
  readonly name: string;
  readonly canary = `canary-${randomUUID()}`;
  readonly agent: StockAgent;
  readonly events: StockEvent[] = [];

  constructor(name: string, agent: (canary: string) => StockAgent) {
    this.name = name;
    this.agent = agent(this.canary);
  }

  run(runId: string, resume?: readonly object[]): Promise<{ readonly result: unknown }> {
    const parameters = resume === undefined ? { runId } : { runId, resume };
    return this.agent.runAgent(parameters, { onEvent: ({ event }) => this.events.push(event) });
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  /** All that this user has seen, as text. */
  get seen(): string {
    const { messages, state, pendingInterrupts } = this.agent;
    return JSON.stringify([this.events, messages, state, pendingInterrupts]);
  }
}

/** The users whose canaries somebody else has seen. */
function leaks(users: readonly StockUser[]): readonly string[] {
  return users.flatMap(({ name, seen }) =>
    users
      .filter((other) => other.name !== name && seen.includes(other.canary))
      .map((other) => `${name} saw ${other.name}`),
  );
}

describe.each<[string, StockClient]>([
  ["@ag-ui/client 1.0.0", HttpAgent as unknown as StockClient],
  ["@ag-ui/client 0.0.59", OldHttpAgent as unknown as StockClient],
])(
  "%s, unmodified, with 20 users at once who use the same ids",
  { timeout: 30_000 },
  (version, Client) => {
    const isOld = version.endsWith("0.0.59");
    let agents: CanaryAgents;
    let server: TestServer;

    beforeEach(async () => {
      // Both clients write what they think of events and failures to the console.
      for (const method of ["warn", "error"] as const) {
        vi.spyOn(console, method).mockImplementation(() => {});
      }
      agents = createCanaryAgents();
      server = await startServer({ agents: agents.byName });
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      agents.release();
      await server[Symbol.asyncDispose]();
    });

    async function join(name: string, agent: string): Promise<StockUser> {
      const headers = { authorization: `Bearer ${await signToken(name)}` };
      const url = `http://127.0.0.1:${server.port}/agui/${agent}`;
      return new StockUser(name, (canary) => {
        const initialMessages = [{ id: "question", role: "user", content: canary }];
        return new Client({ url, headers, threadId: "thread", initialMessages });
      });
    }

    const joinAll = (agent: string): Promise<readonly StockUser[]> =>
      Promise.all(Array.from({ length: USERS }, (_, i) => join(`user-${i}`, agent)));

    async function cancel({ name }: StockUser, runId: string): Promise<number> {
      const answer = await fetch(`http://127.0.0.1:${server.port}/runs/${runId}/cancel`, {
        method: "POST",
        headers: { authorization: `Bearer ${await signToken(name)}` },
      });
      return answer.status;
    }

    it("brings each a whole run: thoughts, tools, state, text and result", async () => {
      const users = await joinAll("assistant");

      const results = await Promise.all(users.map((user) => user.run("run")));

      expect(leaks(users)).toEqual([]);
      expect(agents.started).toHaveLength(USERS);
      for (const [index, { agent, canary, types }] of users.entries()) {
        expect(types[0]).toBe("RUN_STARTED");
        expect(types.at(-1)).toBe("RUN_FINISHED");
        expect(results[index]?.result).toEqual({ canary });
        expect(agent.state).toEqual({ canary, steps: 2 });
        const contents = agent.messages.map(({ role, content }) => `${role}: ${content as string}`);
        expect(contents).toContain(`assistant: says ${canary}`);
        expect(contents).toContain(`tool: found ${canary}`);
        expect(contents).toContain(`reasoning: thinks ${canary}`);
        const call = { name: "search", arguments: JSON.stringify({ query: canary }) };
        expect(agent.messages).toContainEqual(
          expect.objectContaining({ toolCalls: [expect.objectContaining({ function: call })] }),
        );
      }
    });

    it("ends as interrupted, and a new run carries each one's answer", async () => {
      const users = await joinAll("asks");

      await Promise.all(users.map((user) => user.run("run-1")));
      for (const { agent, canary } of users) {
        expect(agent.pendingInterrupts).toMatchObject([{ id: "approval", message: canary }]);
      }
      const answers = users.map((user) => {
        const payload = { approved: `yes ${user.canary}` };
        return user.run("run-2", [{ interruptId: "approval", status: "resolved", payload }]);
      });
      await Promise.all(answers);

      expect(leaks(users)).toEqual([]);
      for (const { agent, canary } of users) {
        const payload = JSON.stringify({ approved: `yes ${canary}` });
        expect(agent.messages.at(-1)?.content).toBe(`resolved ${payload} for ${canary}`);
        expect(agent.pendingInterrupts).toEqual([]);
      }
    });

    it("sees a cancelled run for what it is, each their own", async () => {
      const users = await joinAll("waits");
      const runs = users.map((user) => user.run("run"));
      for (const run of runs) run.catch(() => {});
      await expect
        .poll(() => users.every(({ types }) => types.includes("CUSTOM")), SOON)
        .toBe(true);

      const [first, ...others] = users;
      expect(await cancel(first as StockUser, "run")).toBe(202);
      await runs[0]?.catch(() => {});

      const end = isOld
        ? { type: "RUN_ERROR", code: "CANCELLED" }
        : { type: "RUN_FINISHED", outcome: { type: "cancelled" } };
      expect(first?.events.at(-1)).toMatchObject(end);
      expect(agents.started.filter(({ signal }) => signal.aborted)).toHaveLength(1);
      agents.release();
      await Promise.all(runs.slice(1));
      expect(leaks(users)).toEqual([]);
      for (const { agent, canary } of others) {
        expect(agent.messages.at(-1)?.content).toBe(`says ${canary}`);
      }
    });

    it("does not end a run by abortRun(), which only hangs up; to cancel does", async () => {
      const user = await join("user", "waits");
      const run = user.run("run");
      run.catch(() => {});
      await expect.poll(() => user.types.includes("CUSTOM"), SOON).toBe(true);

      user.agent.abortRun();
      await expect.poll(() => server.runtime.health().connections, SOON).toBe(0);
      expect(agents.started[0]?.signal.aborted).toBe(false);

      expect(await cancel(user, "run")).toBe(202);
      expect(agents.started[0]?.signal.aborted).toBe(true);
      expect(await cancel(user, "run")).toBe(404);
    });

    it("hears of a failed agent, and nothing of why", async () => {
      const users = await joinAll("fails");

      await Promise.all(users.map((user) => user.run("run").catch(() => {})));

      expect(leaks(users)).toEqual([]);
      for (const user of users) {
        expect(user.events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "AGENT_FAILED" });
        expect(user.seen).toContain(user.canary);
        expect(user.seen).not.toContain("hunter2");
      }
    });

    it("survives events that it does not know", async () => {
      const users = await joinAll("modern");

      await Promise.all(users.map((user) => user.run("run")));

      expect(leaks(users)).toEqual([]);
      for (const { agent, canary, types, events } of users) {
        expect(types.at(-1)).toBe("RUN_FINISHED");
        expect(agent.messages.at(-1)?.content).toBe(`says ${canary}`);
        if (!isOld) continue;
        const wrapped = events.filter(({ type }) => type === "CUSTOM").map(({ name }) => name);
        expect(wrapped).toEqual(["SUBAGENT_STARTED", "SUBAGENT_FINISHED", "FUTURE_TYPE"]);
        expect(agent.messages.map(({ content }) => content)).toContain(`found ${canary}`);
      }
    });

    it("posted a second time in the middle of a run joins it, and starts no second one", async () => {
      const first = await join("user", "waits");
      const run = first.run("run");
      await expect.poll(() => first.types.includes("CUSTOM"), SOON).toBe(true);

      const second = await join("user", "waits");
      const joined = second.run("run");
      await expect.poll(() => second.types.includes("CUSTOM"), SOON).toBe(true);
      agents.release();
      await Promise.all([run, joined]);
      const third = await join("user", "waits");
      await third.run("run");

      expect(agents.started).toHaveLength(1);
      expect(second.events).toEqual(first.events);
      expect(third.events).toEqual(first.events);
      expect(third.agent.messages.at(-1)?.content).toBe(`says ${first.canary}`);
    });

    it("learns from the status what was refused", async () => {
      const user = await join("user", "nobody");

      await expect(user.run("run")).rejects.toMatchObject({
        status: 404,
        payload: { error: { code: "AGENT_UNKNOWN" } },
      });
    });
  },
);
