import { describe, expect, it } from "vitest";
import { type AgentEvent, EventType } from "../../src/protocol/events.ts";
import { type HeapGraph, takeHeapGraph } from "./heap-graph.ts";
import { createMemoryBroker } from "../../src/drivers/memory/memory-broker.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import type { RuntimeOptions } from "../../src/runtime-options.ts";
import { startServer } from "./test-server.ts";

const NODES: readonly (readonly [string, () => Partial<RuntimeOptions>])[] = Object.freeze([
  ["the only node", () => ({})],
  [
    "a node of several",
    () => ({
      broker: createMemoryBroker(),
      eventLog: createMemoryEventLog(),
      sessionStore: createMemorySessionStore(),
    }),
  ],
]);

/** The user contexts of that user; more than one, as each upgrade proves anew who asks. */
function usersNamed(heap: HeapGraph, userId: string): readonly number[] {
  return heap.named("UserContext").filter((node) => {
    const id = heap.property(node, "userId");
    return id !== undefined && heap.nameOf(id) === userId;
  });
}

describe("what one user has on a server", () => {
  it.each(NODES)(
    "leads to the user, by no strong reference of ours to any other: %s",
    async (name, options) => {
      // Names of their own: what another case left on the heap is nobody of this one.
      const users = ["alice", "bob"].map((id) => `${id} on ${name}`);
      await using server = await startServer({
        ...options(),
        agents: {
          async *hangs() {
            yield { type: EventType.CUSTOM, name: "said", value: 1 } satisfies AgentEvent;
            await new Promise(() => {});
          },
        },
      });
      for (const userId of users) {
        for (const runId of ["1", "2"]) {
          const device = await server.connect(userId);
          device.run("hangs", runId);
          await device.first(
            ({ type, metadata }) => type === "CUSTOM" && metadata?.runId === runId,
          );
        }
      }

      const heap = await takeHeapGraph();
      const [alice, bob] = users.map((id) => usersNamed(heap, id));
      const resident = heap
        .named("ResidentUser")
        .find((node) => alice?.includes(heap.property(node, "user") ?? -1));

      expect(bob?.length).toBeGreaterThan(0);
      const own = alice?.map((node) => heap.path(resident ?? -1, node)).filter(Boolean);
      expect(own?.length).toBeGreaterThan(0);
      expect(bob?.map((node) => heap.path(resident ?? -1, node)).filter(Boolean)).toEqual([]);
    },
    30_000,
  );
});
