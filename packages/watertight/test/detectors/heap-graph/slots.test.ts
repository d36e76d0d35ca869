import { expect, it, vi } from "vitest";
import { findHolders } from "../../../src/detectors/heap-graph/holders.ts";
import {
  findOccupiedSlots,
  findReusedSlots,
  type OccupiedSlot,
} from "../../../src/detectors/heap-graph/slots.ts";
import { fixture, lineOf, startProgram } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

async function observe(program: string, moments: number) {
  await using running = await startProgram(fixture(program));
  const seen: (readonly OccupiedSlot[])[] = [];
  let together: readonly string[] = [];
  for (let moment = 0; moment < moments; moment += 1) {
    await running.tell({ users: 1 });
    const heap = await running.snapshot();
    const { ownerOf } = running;
    seen.push(findOccupiedSlots(heap, { ownerOf }));
    together = findHolders(heap, { ownerOf, minUsers: 2 }).map(({ variable }) => variable);
  }
  return { seen, together };
}

it("a single place that holds one user after another is found by looking at several moments", async () => {
  const { seen, together } = await observe("slots.mjs", 3);
  const reused = findReusedSlots(seen);

  // No moment alone shows them, nor do two looks at the same one.
  expect(together).toEqual([]);
  expect(findReusedSlots([seen[2] ?? [], seen[2] ?? []])).toEqual([]);
  expect(reused.map(({ kind, variable }) => `${kind} ${variable}`).sort()).toEqual([
    "module variable current",
    "module variable state",
    "private static Context.#last",
    "static Context.active",
  ]);
  expect(reused.find(({ variable }) => variable === "state")).toEqual({
    kind: "module variable",
    variable: "state",
    users: 3,
    path: "state → request → user → secret",
    file: fixture("slots.mjs"),
    line: await lineOf("slots.mjs", "const state"),
    column: 7,
  });
});

it("a correct server reuses no place", async () => {
  const { seen } = await observe("correct.mjs", 1);

  expect(findReusedSlots([...seen, ...seen])).toEqual([]);
});
