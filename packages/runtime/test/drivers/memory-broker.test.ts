import { expect, it } from "vitest";
import { createMemoryBroker } from "../../src/drivers/memory/memory-broker.ts";
import { describeBroker } from "../conformance/broker.ts";
import { userOf } from "../conformance/log-bench.ts";

describeBroker("memory", async () => {
  const broker = createMemoryBroker();
  return {
    nodes: [broker, broker] as const,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
});

it("a memory broker keeps no topic for which nobody listens", async () => {
  await using broker = createMemoryBroker();
  const subscriber = { message() {}, gap() {} };

  const ends = [
    await broker.subscribe(userOf("alice"), subscriber),
    await broker.subscribe(userOf("alice"), subscriber),
  ];
  expect(broker.topics).toBe(1);
  for (const end of ends) end();

  expect(broker.topics).toBe(0);
});
