import { describe, expect, it } from "vitest";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { event, framesOf, userOf } from "../conformance/log-bench.ts";

const invalid = expect.objectContaining({ code: "WT_OPTION_INVALID" });

describe("the memory log", () => {
  it("gives each user an equal share of its memory: a flood trims the one who floods", async () => {
    await using log = createMemoryEventLog({ maxTotalBytes: 200_000 });
    const quiet = await log.open(userOf("quiet"));
    await quiet.append([event("x".repeat(50_000))]);
    const loud = await log.open(userOf("loud"));
    for (let index = 0; index < 100; index += 1) await loud.append([event("y".repeat(10_000))]);
    log.sweep();
    log.sweep();

    expect(quiet.first).toBe(1);
    expect(loud.last - loud.first + 1).toBe(9);
  });

  it("shrinks the shares as users come, also of those who write nothing", async () => {
    await using log = createMemoryEventLog({ maxTotalBytes: 200_000 });
    const first = await log.open(userOf("first"));
    for (let index = 0; index < 15; index += 1) await first.append([event("x".repeat(10_000))]);
    expect(first.first).toBe(1);
    for (let index = 0; index < 9; index += 1) await log.open(userOf(`${index}`));
    for (let times = 0; times < 3; times += 1) log.sweep();

    expect(first.last - first.first + 1).toBe(1);
    await log.erase(userOf("1"));
    for (let index = 0; index < 5; index += 1) await first.append([event("x".repeat(7000))]);
    expect(first.last - first.first + 1).toBe(3);
  });

  it("counts what a record takes besides its frame", async () => {
    await using log = createMemoryEventLog({ maxTotalBytes: 256 * 100 });
    const user = await log.open(userOf("user"));
    for (let index = 0; index < 300; index += 1) await user.append([event("")]);
    expect(user.last - user.first + 1).toBe(100);
  });

  it("leaves each user a little, however many there are", async () => {
    await using log = createMemoryEventLog({ maxTotalBytes: 1 });
    const user = await log.open(userOf("user"));
    for (let index = 0; index < 30; index += 1) await user.append([event("x".repeat(100))]);
    expect((await framesOf(user)).length).toBe(Math.floor(4096 / 356));
  });

  it("refuses options that make no sense", () => {
    for (const retention of [{ maxRecords: 0 }, { maxBytes: -1 }, { maxAgeMs: 1.5 }]) {
      expect(() => createMemoryEventLog({ retention })).toThrow(invalid);
    }
    expect(() => createMemoryEventLog({ maxTotalBytes: 0 })).toThrow(invalid);
    expect(() => createMemoryEventLog({ secret: "x".repeat(31) })).toThrow(invalid);
    expect(() => createMemoryEventLog({ now: 5 as never })).toThrow(invalid);
  });

  it("signs cursors by its secret: the same of the same, another of another", async () => {
    const keyOf = async (secret?: string | Uint8Array): Promise<string> => {
      await using log = createMemoryEventLog(secret === undefined ? {} : { secret });
      return Buffer.from((await log.open(userOf("user"))).cursorKey).toString("hex");
    };
    const secret = "s".repeat(32);
    expect(await keyOf(secret)).toBe(await keyOf(new TextEncoder().encode(secret)));
    expect(await keyOf(secret)).not.toBe(await keyOf("t".repeat(32)));
    expect(await keyOf()).not.toBe(await keyOf());
  });
});
