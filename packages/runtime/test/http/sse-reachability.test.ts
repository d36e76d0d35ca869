import { describe, expect, it } from "vitest";
import { type AgentEvent, EventType } from "../../src/protocol/events.ts";
import { takeHeapGraph } from "./heap-graph.ts";
import { ask, inputOf, post, type SseClient } from "./sse-client.ts";
import { startServer } from "./test-server.ts";

const isReady = (client: SseClient): boolean => client.named("ready") !== undefined;

describe("what one user has on a server who listens to event streams", () => {
  it("leads to no other user, not even over Node and its sockets", async () => {
    await using server = await startServer({
      agents: {
        async *hangs() {
          yield { type: EventType.CUSTOM, name: "said", value: 1 } satisfies AgentEvent;
          await new Promise(() => {});
        },
      },
    });
    for (const userId of ["alice-of-sse", "bob-of-sse"]) {
      await (await ask(server, userId, "/events")).until(isReady);
      await (await post(server, userId, "hangs", inputOf("run"))).ofType("CUSTOM");
    }

    const heap = await takeHeapGraph();
    const usersNamed = (userId: string): readonly number[] =>
      heap.named("UserContext").filter((node) => {
        const id = heap.property(node, "userId");
        return id !== undefined && heap.nameOf(id) === userId;
      });
    const [alice, bob] = [usersNamed("alice-of-sse"), usersNamed("bob-of-sse")];
    const resident = heap
      .named("ResidentUser")
      .find((node) => alice.includes(heap.property(node, "user") ?? -1));

    expect(alice.map((node) => heap.path(resident ?? -1, node)).filter(Boolean)).not.toEqual([]);
    expect(bob.length).toBeGreaterThan(0);
    expect(bob.map((node) => heap.path(resident ?? -1, node)).filter(Boolean)).toEqual([]);
  }, 30_000);
});
