import { describe, expect, it } from "vitest";
import { createLmdbEventLog } from "../../src/drivers/lmdb/lmdb-event-log.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { EventLog } from "../../src/event-log/event-log.ts";
import { begin, event, userOf } from "../conformance/log-bench.ts";
import { type HeapGraph, takeHeapGraph } from "../http/heap-graph.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

function usersNamed(heap: HeapGraph, userId: string): readonly number[] {
  return heap.named("UserContext").filter((node) => {
    const id = heap.property(node, "userId");
    return id !== undefined && heap.nameOf(id) === userId;
  });
}

describe("what one user has of a log", () => {
  // Whole names, not made of parts: the heap shows those as parts.
  for (const [driver, handleName, logName, writer, ...names] of [
    ["memory", "MemoryLogHandle", "MemoryUserLog", "writers", "alice-in-memory", "bob-in-memory"],
    ["lmdb", "LmdbLogHandle", "LmdbUserLog", "writer", "alice-in-lmdb", "bob-in-lmdb"],
  ] as const) {
    it(`leads to that user and to no other (${driver})`, async () => {
      using folder = new TemporaryFolder("fast");
      await using log: EventLog =
        driver === "memory" ? createMemoryEventLog() : createLmdbEventLog({ folder: folder.path });
      const handles = await Promise.all(names.map((name) => log.open(userOf(name))));
      await Promise.all(handles.map((handle) => handle.append([begin("run"), event("1")])));
      const pending = handles.map((handle) => handle.append([event("2")]));

      const heap = await takeHeapGraph();
      await Promise.all(pending);
      const [alice = [], bob = []] = names.map((name) => usersNamed(heap, name));
      const handle = heap
        .named(handleName)
        .find((node) => alice.includes(heap.property(node, "user") ?? -1));

      expect([alice.length, bob.length]).toEqual([1, 1]);
      // All that any of them wrote hangs on a log, and there are two of them at least.
      const logs = heap.named(logName).filter((node) => heap.property(node, writer) !== undefined);
      expect(logs.length).toBeGreaterThan(1);
      expect(logs.map((node) => heap.path(handle ?? -1, node)).filter(Boolean)).toHaveLength(1);
      expect(alice.map((node) => heap.path(handle ?? -1, node)).filter(Boolean)).toHaveLength(1);
      expect(bob.map((node) => heap.path(handle ?? -1, node)).filter(Boolean)).toEqual([]);
    }, 60_000);
  }
});
