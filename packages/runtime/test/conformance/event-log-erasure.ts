import fc from "fast-check";
import { expect, it } from "vitest";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { begin, codeOf, event, framesOf, LogBench, type LogPlace, PAGE } from "./log-bench.ts";

/** Ids that a careless key would mix up: separators, escapes, prefixes of one another, very long ones. */
const part = fc.oneof(
  fc.constantFrom(
    "a",
    "a:",
    ":a",
    "a:b",
    "b",
    "%",
    "%3A",
    "%253A",
    "é",
    "e\u0301",
    "😀",
    "a/b",
    "__proto__",
  ),
  fc.constantFrom("%".repeat(256), `${"%".repeat(255)}a`, "x".repeat(256), "x".repeat(255)),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const identity = fc.record({ tenantId: part, userId: part });

function contextOf(identity: { tenantId: string; userId: string }): UserContext | undefined {
  try {
    return createUserContext(identity);
  } catch {
    return undefined;
  }
}

export function describeLogErasure(createPlace: () => LogPlace): void {
  it("never see one another, whatever they are called", async () => {
    await using bench = new LogBench(createPlace());
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(identity, {
          minLength: 2,
          maxLength: 6,
          selector: (of) => JSON.stringify(of),
        }),
        async (identities) => {
          round += 1;
          const users = identities.map(contextOf).filter((user) => user !== undefined);
          const logs = await Promise.all(users.map((user) => bench.log.open(user)));
          const mine = (index: number): string => `${round} ${index}`;
          const befores = logs.map(({ last }) => last);
          await Promise.all(
            logs.map((log, index) => log.append([begin(`run ${round}`), event(mine(index))])),
          );
          for (const [index, log] of logs.entries()) {
            const before = befores[index] ?? 0;
            expect(log.last).toBe(before + 2);
            expect(await framesOf(log, before)).toEqual(["begin", mine(index)]);
          }
          expect(new Set(logs.map(({ epoch }) => epoch)).size).toBe(logs.length);
          const keys = logs.map(({ cursorKey }) => Buffer.from(cursorKey).toString("hex"));
          expect(new Set(keys).size).toBe(logs.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are only those that were made, not what looks like one", async () => {
    await using bench = new LogBench(createPlace());
    const { tenantId, userId, key } = createUserContext({ userId: "alice" });
    const forged = { tenantId, userId, key } as UserContext;
    expect(await codeOf(bench.log.open(forged))).toBe("WT_CONTEXT_FORGED");
    expect(await codeOf(bench.log.erase(forged))).toBe("WT_CONTEXT_FORGED");
  });

  it("have a key for cursors that stays, of 32 bytes", async () => {
    await using bench = new LogBench(createPlace());
    const first = await bench.open("alice");
    expect(first.cursorKey).toHaveLength(32);
    await bench.log.erase(first.user);
    expect((await bench.open("alice")).cursorKey).toEqual(first.cursorKey);
  });

  it("that are erased leave nothing: no record, no run, another epoch, and others stay", async () => {
    await using bench = new LogBench(createPlace());
    const [alice, bob] = [await bench.open("alice"), await bench.open("bob")];
    for (let call = 0; call < 200; call += 1) await alice.append([event(`${call}`)]);
    await alice.append([begin("a")]);
    await bob.append([begin("a")]);
    await bench.log.erase(alice.user);

    expect(await codeOf(alice.append([event("lost")]))).toBe("WT_LOG_FENCED");
    expect(await codeOf(alice.read(0, PAGE))).toBe("WT_LOG_FENCED");
    const again = await bench.open("alice");
    expect(again.epoch).not.toBe(alice.epoch);
    expect([again.first, again.last, await again.runs()]).toEqual([1, 0, []]);
    await alice.close();
    expect(await again.append([begin("a")])).toBe(1);
    expect(await framesOf(again)).toEqual(["begin"]);
    expect(await framesOf(bob)).toEqual(["begin"]);
    expect(await bob.append([event("2")])).toBe(2);
  });

  it("may be erased while they write, and when they are not there", async () => {
    await using bench = new LogBench(createPlace());
    await bench.log.erase(createUserContext({ userId: "nobody" }));
    const log = await bench.open("alice");
    const writing = Array.from({ length: 20 }, (_, index) =>
      codeOf(log.append([event(`${index}`)])),
    );
    const erasing = bench.log.erase(log.user);
    writing.push(codeOf(log.append([event("late")])));
    await erasing;
    const codes = new Set(await Promise.all(writing));
    codes.delete(undefined);
    expect([...codes].every((code) => code === "WT_LOG_FENCED")).toBe(true);

    const again = await bench.open("alice");
    expect([again.last, again.epoch === log.epoch]).toEqual([0, false]);
    await again.append([event("1")]);
    expect(await framesOf(again)).toEqual(["1"]);
  });

  it("find what they left after the store was opened again, and nothing of what was erased", async () => {
    const place = createPlace();
    await using bench = new LogBench(place);
    if (!place.outlives) return;
    const [alice, bob] = [await bench.open("alice"), await bench.open("bob")];
    await alice.append([begin("a"), event("2")]);
    await bob.append([event("1")]);
    await bench.log.erase(bob.user);
    await bench.reopen();

    const [alice2, bob2] = [await bench.open("alice"), await bench.open("bob")];
    expect([alice2.epoch, alice2.last]).toEqual([alice.epoch, 2]);
    expect(alice2.cursorKey).toEqual(alice.cursorKey);
    expect(await framesOf(alice2)).toEqual(["begin", "2"]);
    expect([bob2.last, bob2.epoch === bob.epoch]).toEqual([0, false]);
    expect(await alice2.append([event("3")])).toBe(3);
  });
}
