import { EventSource } from "eventsource";
import { describe, expect, it } from "vitest";
import { ask, inputOf } from "../http/sse-client.ts";
import { startServer } from "../http/test-server.ts";
import { signToken } from "../http/test-token.ts";
import { createCanaryAgents } from "./canary-agents.ts";
import { CuttingProxy } from "./cutting-proxy.ts";

interface Received {
  readonly id: string;
  readonly event: {
    readonly type: string;
    readonly value?: number;
    readonly metadata: { readonly runId: string; readonly seq: number; readonly position: string };
  };
}

/** A stock EventSource of that user, and what it told its listeners. */
async function listen(
  url: string,
  userId: string,
): Promise<{ source: EventSource; received: Received[]; ready: string[] }> {
  const authorization = `Bearer ${await signToken(userId)}`;
  const source = new EventSource(url, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization } }),
  });
  const received: Received[] = [];
  const ready: string[] = [];
  source.addEventListener("message", ({ lastEventId, data }) => {
    received.push({ id: lastEventId, event: JSON.parse(data as string) as Received["event"] });
  });
  source.addEventListener("ready", ({ data }) => ready.push(data as string));
  return { source, received, ready };
}

describe("an EventSource whose connection is cut again and again", () => {
  it.each(["/events?after=oldest", "/runs/run-0/events"])(
    "on %s gets every event once and in order",
    async (path) => {
      const agents = createCanaryAgents();
      await using server = await startServer({ agents: agents.byName });
      await using proxy = new CuttingProxy(server.port, [900, 4321, 10_007]);
      const count = 120;
      const messages = [{ id: "m", role: "user", content: `${count}` }];
      const runs = await Promise.all(
        ["run-0", "run-1", "run-2"].map((runId) =>
          ask(server, "alice", "/agui/counts", { body: inputOf(runId, { messages }) }),
        ),
      );
      const { source, received, ready } = await listen(
        `http://127.0.0.1:${await proxy.listen()}${path}`,
        "alice",
      );
      await Promise.all(runs.map(({ ended }) => ended));
      const ids = path.startsWith("/events") ? ["run-0", "run-1", "run-2"] : ["run-0"];
      const expected = ids.length * (count + 2);

      await expect
        .poll(() => received.length, { timeout: 15_000 })
        .toBeGreaterThanOrEqual(expected);

      expect(proxy.cuts).toBe(3);
      expect(ready.length).toBeGreaterThanOrEqual(4);
      for (const runId of ids) {
        const own = received.filter(({ event }) => event.metadata.runId === runId);
        const seqs = own.map(({ event }) => event.metadata.seq);
        expect(seqs).toEqual(Array.from({ length: count + 2 }, (_, index) => index + 1));
        expect(own.map(({ id }) => id)).toEqual(own.map(({ event }) => event.metadata.position));
      }
      expect(received).toHaveLength(expected);
      if (path.startsWith("/runs")) {
        await expect.poll(() => source.readyState, { timeout: 5000 }).toBe(EventSource.CLOSED);
      }
      source.close();
      expect(agents.started).toHaveLength(3);
    },
    30_000,
  );
});
