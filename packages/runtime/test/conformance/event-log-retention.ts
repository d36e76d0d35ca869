import { expect, it } from "vitest";
import { begin, codeOf, end, event, framesOf, LogBench, type LogPlace, PAGE } from "./log-bench.ts";

export function describeLogRetention(createPlace: () => LogPlace): void {
  it("keeps as many records as it says: n-1, n, and of n+1 the newest n", async () => {
    await using bench = new LogBench(createPlace(), { maxRecords: 5 });
    const log = await bench.open("alice");
    await log.append([event("1"), event("2"), event("3"), event("4")]);
    expect([log.first, log.last]).toEqual([1, 4]);
    await log.append([event("5")]);
    expect([log.first, log.last]).toEqual([1, 5]);
    await log.append([event("6")]);
    expect([log.first, log.last]).toEqual([2, 6]);
    expect(await framesOf(log)).toEqual(["2", "3", "4", "5", "6"]);

    const many = Array.from({ length: 12 }, (_, index) => event(`${index + 7}`));
    expect(await log.append(many)).toBe(7);
    expect(await framesOf(log)).toEqual(["14", "15", "16", "17", "18"]);
  });

  it("keeps as many bytes as it says, counted as they are sent", async () => {
    await using bench = new LogBench(createPlace(), { maxBytes: 30 });
    const log = await bench.open("alice");
    await log.append([event("€€€"), event("x".repeat(20))]);
    expect(log.first).toBe(1);
    await log.append([event("1")]);
    expect(log.first).toBe(1);
    await log.append([event("")]);
    expect(log.first).toBe(1);
    await log.append([event("1")]);
    expect(log.first).toBe(2);
    await log.append([event("y".repeat(30))]);
    expect([log.first, log.last]).toEqual([6, 6]);
  });

  it("keeps the newest record, however large, until the next one comes", async () => {
    await using bench = new LogBench(createPlace(), { maxBytes: 10 });
    const log = await bench.open("alice");
    await log.append([event("1"), event("x".repeat(1000))]);
    expect([log.first, log.last]).toEqual([2, 2]);
    await bench.sweep();
    expect(await framesOf(log)).toEqual(["x".repeat(1000)]);

    await log.append([event("3")]);
    expect(await framesOf(log)).toEqual(["3"]);
  });

  it("keeps a record to its age, and not longer", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const log = await bench.open("alice");
    await log.append([event("old"), event("old too")]);
    bench.now += 500;
    await log.append([event("young")]);
    bench.now += 500;
    await log.append([event("1")]);
    expect(log.first).toBe(1);
    bench.now += 1;
    await log.append([event("2")]);
    expect(await framesOf(log)).toEqual(["young", "1", "2"]);
  });

  it("trims the old of users who write nothing, and numbers go on", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const log = await bench.open("alice");
    await log.append([begin("a"), end("a"), begin("b")]);
    bench.now += 1000;
    await bench.sweep();
    expect(log.first).toBe(1);
    bench.now += 1;
    await bench.sweep();

    expect([log.first, log.last]).toEqual([4, 3]);
    expect(await log.read(3, PAGE)).toEqual([]);
    expect(await codeOf(log.read(2, PAGE))).toBe("WT_LOG_TRIMMED");
    expect((await log.runs()).map(({ runId }) => runId)).toEqual(["b"]);
    const { epoch } = log;
    await log.close();
    const again = await bench.open("alice");
    expect(again.epoch).toBe(epoch);
    expect(await again.append([event("4")])).toBe(4);
  });

  it("forgets the log of a user who is away when all of it is old: numbers begin anew", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const log = await bench.open("alice");
    await log.append([begin("a"), event("2", "a")]);
    await log.close();
    bench.now += 1000;
    await bench.sweep();
    expect((await bench.open("alice")).epoch).toBe(log.epoch);
    await (await bench.open("alice")).close();
    bench.now += 1;
    await bench.sweep();

    const again = await bench.open("alice");
    expect(again.epoch).not.toBe(log.epoch);
    expect([again.first, again.last, await again.runs()]).toEqual([1, 0, []]);
    expect(await again.append([begin("a")])).toBe(1);
  });

  it("keeps the log of a user who was told nothing yet, for as long as it would keep a record", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const log = await bench.open("alice");
    bench.now += 5000;
    await log.close();
    bench.now += 1000;
    await bench.sweep();
    const again = await bench.open("alice");
    expect([again.epoch, again.last]).toEqual([log.epoch, 0]);
    await again.close();
    bench.now += 1001;
    await bench.sweep();

    expect((await bench.open("alice")).epoch).not.toBe(log.epoch);
  });

  it("gets round to everybody: the young of some keep nobody's old", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const names = Array.from({ length: 10 }, (_, index) => `user-${index}`);
    const epochs = await Promise.all(
      names.map(async (name) => {
        const log = await bench.open(name);
        await log.append([event("old")]);
        return log.epoch;
      }),
    );
    bench.now += 600;
    for (const name of names.filter((_, index) => index % 2 === 0)) {
      await (await bench.open(name)).append([event("young")]);
    }
    for (const name of names) await (await bench.open(name)).close();
    bench.now += 600;
    await bench.sweep();

    const again = await Promise.all(names.map((name) => bench.open(name)));
    const isKept = again.map(({ epoch }, index) => epoch === epochs[index]);
    expect(isKept).toEqual(names.map((_, index) => index % 2 === 0));
  });

  it("does not forget the log of a user who is just coming", async () => {
    await using bench = new LogBench(createPlace());
    for (const name of ["a", "b", "c"]) {
      const [log] = await Promise.all([bench.open(name), bench.log.sweep()]);
      await bench.sweep();
      await log.append([event("1")]);
      await log.close();
      const again = await bench.open(name);
      expect([again.epoch, again.last]).toEqual([log.epoch, 1]);
    }
  });

  it("keeps what users who are away have not aged out of", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const [alice, bob] = [await bench.open("alice"), await bench.open("bob")];
    await alice.append([event("1")]);
    bench.now += 600;
    await alice.append([event("2")]);
    await bob.append([event("1")]);
    await Promise.all([alice.close(), bob.close()]);
    bench.now += 600;
    await bench.sweep();

    expect(await framesOf(await bench.open("alice"))).toEqual(["2"]);
    expect(await framesOf(await bench.open("bob"))).toEqual(["1"]);
  });

  it("tells a reader of what was trimmed, to the record", async () => {
    await using bench = new LogBench(createPlace(), { maxRecords: 3 });
    const log = await bench.open("alice");
    await log.append([event("1"), event("2"), event("3"), event("4"), event("5")]);

    expect(log.first).toBe(3);
    expect(await framesOf(log, 2)).toEqual(["3", "4", "5"]);
    for (const after of [1, 0]) expect(await codeOf(log.read(after, PAGE))).toBe("WT_LOG_TRIMMED");
  });

  it("is as exact for one record a call as for many", async () => {
    await using bench = new LogBench(createPlace(), { maxRecords: 50, maxBytes: 400 });
    const log = await bench.open("alice");
    for (let index = 1; index <= 120; index += 1) {
      await log.append(
        Array.from({ length: (index % 3) + 1 }, () => event("x".repeat(index % 17))),
      );
    }
    const kept = await log.read(log.first - 1, PAGE);
    const bytes = kept.reduce((sum, { frame }) => sum + frame.length, 0);
    expect(bytes).toBeLessThanOrEqual(400);
    expect(bytes).toBeGreaterThan(400 - 17);
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => log.first + index));
    expect(kept.at(-1)?.seq).toBe(log.last);
  });

  it("is as exact after thousands of records", async () => {
    await using bench = new LogBench(createPlace(), { maxRecords: 700 });
    const log = await bench.open("alice");
    for (let last = 50; last <= 5000; last += 50) {
      await log.append(Array.from({ length: 50 }, (_, index) => event(`${last - 49 + index}`)));
      expect(log.first).toBe(Math.max(1, last - 699));
    }
    const kept = Array.from({ length: 700 }, (_, index) => `${4301 + index}`);
    expect(await framesOf(log)).toEqual(kept);

    const many = Array.from({ length: 5000 }, () => event("x"));
    for (let last = 10_000; last <= 70_000; last += 5000) await log.append(many);
    if (bench.place.outlives) await bench.reopen();
    const again = await bench.open("alice");
    expect([again.first, again.last]).toEqual([69_301, 70_000]);
    expect(await framesOf(again)).toHaveLength(700);
  });

  it("is not shaken by a clock that jumps back: nothing is trimmed early, and age counts on", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const log = await bench.open("alice");
    await log.append([event("1")]);
    bench.now -= 500_000;
    await log.append([event("2")]);
    await bench.sweep();
    expect(await framesOf(log)).toEqual(["1", "2"]);

    bench.now += 1000;
    await bench.sweep();
    expect(await framesOf(log)).toEqual(["1", "2"]);
    bench.now += 1;
    await bench.sweep();
    expect(await framesOf(log)).toEqual([]);
  });

  it("is not shaken by a clock that jumps forward and back: what comes later has its full age", async () => {
    await using bench = new LogBench(createPlace(), { maxAgeMs: 1000 });
    const log = await bench.open("alice");
    bench.now += 1e12;
    await log.append([event("1")]);
    bench.now -= 1e12;
    await log.append([event("2")]);
    bench.now += 1000;
    await log.append([event("3")]);
    expect(await framesOf(log)).toEqual(["1", "2", "3"]);
    bench.now += 1;
    await bench.sweep();
    expect(await framesOf(log)).toEqual(["3"]);
  });

  it("finds the same after the store was opened again", async () => {
    const place = createPlace();
    await using bench = new LogBench(place, { maxRecords: 4, maxBytes: 100, maxAgeMs: 1000 });
    if (!place.outlives) return;
    let log = await bench.open("alice");
    await log.append([event("1"), event("2"), event("3")]);
    await log.append([event("4"), event("5"), event("6")]);
    for (let times = 0; times < 2; times += 1) {
      await bench.reopen();
      log = await bench.open("alice");
      expect([log.first, log.last]).toEqual([3, 6]);
      expect(await framesOf(log)).toEqual(["3", "4", "5", "6"]);
    }

    await log.append([event("x".repeat(98))]);
    expect(log.first).toBe(5);
    bench.now += 1001;
    await bench.sweep();
    expect([log.first, log.last]).toEqual([8, 7]);
    await bench.reopen();
    const again = await bench.open("alice");
    expect([again.first, again.last, again.epoch]).toEqual([8, 7, log.epoch]);
    expect(await again.append([event("8")])).toBe(8);
  });
}
