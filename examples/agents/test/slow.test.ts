import { expect, it } from "vitest";
import { slow } from "../src/slow.ts";
import { ask, createContext, inputOf, textOf } from "./ask.ts";

it("takes four steps, breathes in each, and gives the question back at the end", async () => {
  const context = createContext();
  const events = await ask(slow, inputOf("Is it done?", { stepMs: 1 }), context);
  const steps = events.flatMap((event) => ("stepName" in event ? [event.type] : []));
  expect(steps).toEqual(Array(4).fill(["STEP_STARTED", "STEP_FINISHED"]).flat());
  expect(context.beats()).toBe(4);
  expect(textOf(events)).toMatch(/^You asked: Is it done\?/);
});

it("stops in the middle of a step when its signal is aborted", async () => {
  const controller = new AbortController();
  const events = [];
  const startedAt = performance.now();
  for await (const event of slow(
    inputOf("Is it done?", { stepMs: 10_000 }),
    createContext(controller.signal),
  )) {
    events.push(event.type);
    controller.abort();
  }
  expect(events).toEqual(["STEP_STARTED"]);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

it.each([["soon"], [Number.NaN], [-5], [null], [{}]])("survives a stepMs of %j", async (stepMs) => {
  const controller = new AbortController();
  controller.abort();
  const events = await ask(slow, inputOf("?", { stepMs }), createContext(controller.signal));
  expect(events[0]?.type).toBe("STEP_STARTED");
});
