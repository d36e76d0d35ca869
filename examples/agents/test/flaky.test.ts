import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { flaky } from "../src/flaky.ts";
import { ask, inputOf } from "./ask.ts";

it("finishes unless it is asked for another ending", async () => {
  const events = await ask(flaky, inputOf("Well?"));
  expect(events.at(-1)?.type).toBe("STEP_FINISHED");
});

it("throws when it is asked to", async () => {
  await expect(ask(flaky, inputOf("Well?", { ending: "throw" }))).rejects.toThrow(/asked to fail/);
});

it("falls silent for ever when it is asked to", async () => {
  const events = flaky(inputOf("Well?", { ending: "hang" }));
  let last = await events.next();
  while (last.value?.type !== "STEP_STARTED") last = await events.next();
  const outcome = await Promise.race([events.next(), wait(100, "silence")]);
  expect(outcome).toBe("silence");
});
