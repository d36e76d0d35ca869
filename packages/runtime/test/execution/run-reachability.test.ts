import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createMemoryRunQueue } from "../../src/drivers/memory/memory-run-queue.ts";
import type { AgentExecutionRegistry } from "../../src/execution/agent-execution-registry.ts";
import { createRunScheduler } from "../../src/execution/run-scheduler.ts";
import { takeHeapGraph } from "../http/heap-graph.ts";
import { userWithRuns } from "./user-with-runs.ts";

describe("what a user's registry holds", () => {
  it("leads to the user and, by no strong reference, to any other user", async () => {
    await using queue = createMemoryRunQueue({ maxWaitingRuns: 3 });
    await using scheduler = createRunScheduler({ queue });
    await using alice = userWithRuns(scheduler, "alice-who-runs");
    await using bob = userWithRuns(scheduler, "bob-who-runs");
    // Whoever knows everybody ends a run: it must not hang on what is remembered of that.
    const operator = {
      scheduler,
      cancel: function (this: unknown, registry: AgentExecutionRegistry): void {
        registry.cancel("3");
      },
    };
    for (const registry of [alice, bob]) operator.cancel(registry);
    // The test runner would keep what a poll closes over.
    while (scheduler.running < 2) await delay(5);
    // What it failed with came from the queue, which knows everybody too.
    expect(alice.get("4")?.status).toBe("failed");
    expect([scheduler.running, scheduler.waiting]).toEqual([2, 2]);

    const heap = await takeHeapGraph();
    const users = heap.named("UserContext");
    const [hers = -1, his = -1] = ["alice-who-runs", "bob-who-runs"].map((userId) =>
      users.find((node) => heap.nameOf(heap.property(node, "userId") ?? -1) === userId),
    );
    const ofAlice =
      heap.named("AgentExecutionRegistry").find((node) => heap.property(node, "user") === hers) ??
      -1;
    const knowing = heap
      .named("RunScheduler")
      .filter((node) => heap.path(node, his) !== undefined && heap.path(node, hers) !== undefined);

    expect(heap.path(ofAlice, hers)).toBeDefined();
    expect(knowing.length).toBeGreaterThan(0);
    expect(heap.path(ofAlice, his)).toBeUndefined();
    expect([alice.list().length, bob.list().length]).toEqual([2, 2]);
  }, 60_000);
});
