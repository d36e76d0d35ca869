import { describe, expect, it } from "vitest";
import type { UserEventLog } from "../../src/event-log/event-log.ts";
import { describeLogErasure } from "./event-log-erasure.ts";
import { describeLogModel } from "./event-log-model.ts";
import { describeLogRetention } from "./event-log-retention.ts";
import { describeLogSharing } from "./event-log-sharing.ts";
import { begin, codeOf, end, event, framesOf, LogBench, type LogPlace, PAGE } from "./log-bench.ts";

/**
 * What every event log promises, and what one does besides that nodes may share. `createPlace` answers
 * an empty place for one store.
 */
export function describeEventLog(
  name: string,
  createPlace: () => LogPlace,
  canShare = false,
): void {
  describe(`${name}: appending`, () => describeAppending(createPlace));
  describe(`${name}: runs`, () => describeRuns(createPlace));
  describe(`${name}: reading`, () => describeReading(createPlace));
  describe(`${name}: the writer`, () => describeWriter(createPlace));
  describe(`${name}: retention`, () => describeLogRetention(createPlace));
  describe(`${name}: users`, () => describeLogErasure(createPlace));
  describe.runIf(canShare)(`${name}: sharing`, () => describeLogSharing(createPlace));
  describe(`${name}: anything`, () => describeLogModel(createPlace));
}

function describeAppending(createPlace: () => LogPlace): void {
  it("numbers from 1, without a gap, over all runs, and answers the first of each call", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    expect([log.first, log.last]).toEqual([1, 0]);

    expect(await log.append([begin("a"), event("1", "a"), begin("b")])).toBe(1);
    expect(await log.append([event("2", "b")])).toBe(4);
    expect(await log.append([])).toBe(5);
    expect(await log.append([end("a")])).toBe(5);

    expect([log.first, log.last]).toEqual([1, 5]);
    const records = await log.read(0, PAGE);
    expect(records).toEqual(
      [
        ["begin", "a"],
        ["1", "a"],
        ["begin", "b"],
        ["2", "b"],
        ["end", "a"],
      ].map(([frame, runId], index) => ({ seq: index + 1, threadId: "thread", runId, frame })),
    );
  });

  it("keeps the order of calls that do not wait for one another, of many users at once", async () => {
    await using bench = new LogBench(createPlace());
    const logs = await Promise.all(["a", "b", "c"].map((id) => bench.open(id)));
    const settled: string[] = [];
    const calls = Array.from({ length: 60 }, (_, index) => {
      const log = logs[index % 3] as UserEventLog;
      return log.append([event(`${index}`), event(`${index}+`)]).then((seq) => {
        settled.push(log.user.userId);
        return seq;
      });
    });

    const seqs = await Promise.all(calls);

    expect(seqs).toEqual(seqs.map((_, index) => 2 * Math.floor(index / 3) + 1));
    expect(settled).toEqual(seqs.map((_, index) => ["a", "b", "c"][index % 3]));
    for (const [which, log] of logs.entries()) {
      const mine = seqs.flatMap((_, index) =>
        index % 3 === which ? [`${index}`, `${index}+`] : [],
      );
      expect(await framesOf(log)).toEqual(mine);
    }
  });

  it("keeps frames of any text as they were, and nothing of the caller's objects", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    const frames = ["", "ä€😀", '{"a":\n"\\u0000"}', "\0", "x".repeat(100_000)];
    const records = frames.map((frame) => ({ ...event(frame), extra: 1 }));
    await log.append(records);
    for (const record of records) record.frame = "changed";

    expect(await framesOf(log)).toEqual(frames);
    const [first] = await log.read(0, PAGE);
    Object.assign(first ?? {}, { frame: "changed" });
    expect(await framesOf(log)).toEqual(frames);
    expect(Object.keys(first ?? {}).toSorted()).toEqual(["frame", "runId", "seq", "threadId"]);
  });

  it("keeps whose thread and run each record is of", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    const ids = ["t1 r1", "t1 r1", "t2 r1", "t2 r2", "t1 r2", "t1 r1"].map((both) =>
      both.split(" "),
    );
    await log.append(
      ids.map(([threadId = "", runId = ""]) => ({ kind: "event", threadId, runId, frame: "" })),
    );
    expect((await log.read(0, PAGE)).map(({ threadId, runId }) => [threadId, runId])).toEqual(ids);
  });

  it("shows what it answered for at once", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    for (let seq = 1; seq <= 20; seq += 1) {
      expect(await log.append([event(`${seq}`)])).toBe(seq);
      expect(log.last).toBe(seq);
      expect((await log.read(seq - 1, PAGE)).map(({ frame }) => frame)).toEqual([`${seq}`]);
    }
  });
}

function describeRuns(createPlace: () => LogPlace): void {
  it("are known from their begin to their end, with where they are", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    await log.append([event("0"), begin("a"), begin("b")]);
    await log.append([event("1", "a"), end("b")]);
    await log.append([end("b"), end("never begun")]);

    const common = { threadId: "thread", agentName: "agent" };
    expect(await log.runs()).toEqual([
      { runId: "a", firstSeq: 2, lastSeq: undefined, ...common },
      { runId: "b", firstSeq: 3, lastSeq: 5, ...common },
    ]);
  });

  it("begin once: a second begin is refused, and nothing of its call is written", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    await log.append([begin("a"), begin("b"), end("b")]);
    for (const again of ["a", "b"]) {
      const call = log.append([event("lost"), begin("new"), begin(again), end("a")]);
      expect(await codeOf(call)).toBe("WT_RUN_CONFLICT");
    }
    expect(await codeOf(log.append([begin("twice"), begin("twice")]))).toBe("WT_RUN_CONFLICT");

    expect(log.last).toBe(3);
    expect((await log.runs()).map(({ runId, lastSeq }) => [runId, lastSeq])).toEqual([
      ["a", undefined],
      ["b", 3],
    ]);
    expect(await log.append([begin("new"), begin("twice")])).toBe(4);
  });

  it("that collide spoil no call beside them", async () => {
    await using bench = new LogBench(createPlace());
    const [alice, bob] = [await bench.open("alice"), await bench.open("bob")];
    const codes = await Promise.all([
      codeOf(alice.append([begin("a")])),
      codeOf(alice.append([begin("a")])),
      codeOf(alice.append([event("1", "a")])),
      codeOf(bob.append([begin("a")])),
    ]);

    expect(codes).toEqual([undefined, "WT_RUN_CONFLICT", undefined, undefined]);
    expect(await framesOf(alice)).toEqual(["begin", "1"]);
    expect(await framesOf(bob)).toEqual(["begin"]);
  });

  it("without an end stay known, ended ones as long as their last record is kept", async () => {
    await using bench = new LogBench(createPlace(), { maxRecords: 3 });
    const log = await bench.open("alice");
    await log.append([begin("open"), begin("ended"), end("ended")]);
    const known = async (): Promise<string[]> => (await log.runs()).map(({ runId }) => runId);

    await log.append([event("4"), event("5")]);
    expect([log.first, await known()]).toEqual([3, ["open", "ended"]]);
    expect(await codeOf(log.append([begin("ended")]))).toBe("WT_RUN_CONFLICT");

    await log.append([event("6")]);
    expect([log.first, await known()]).toEqual([4, ["open"]]);
    await log.append([begin("ended")]);
    expect(await known()).toEqual(["open", "ended"]);
    expect(await codeOf(log.append([begin("open")]))).toBe("WT_RUN_CONFLICT");
    if (!bench.place.outlives) return;

    await bench.reopen();
    const again = await bench.open("alice");
    const runs = (await again.runs()).map(({ runId, firstSeq, lastSeq }) => [
      runId,
      firstSeq,
      lastSeq,
    ]);
    expect(runs).toEqual([
      ["open", 1, undefined],
      ["ended", 7, undefined],
    ]);
    expect(await codeOf(again.append([begin("open")]))).toBe("WT_RUN_CONFLICT");
  });

  it("that end in another order than they began are let go of in the order of their ends", async () => {
    await using bench = new LogBench(createPlace(), { maxRecords: 4 });
    const opened = await bench.open("alice");
    await opened.append([begin("a"), begin("b"), end("b"), end("a")]);
    if (bench.place.outlives) await bench.reopen();
    const log = await bench.open("alice");
    await log.append([event("5"), event("6"), event("7")]);

    expect((await log.runs()).map(({ runId }) => runId)).toEqual(["a"]);
    await log.append([event("8")]);
    expect(await log.runs()).toEqual([]);
  });
}

function describeReading(createPlace: () => LogPlace): void {
  it("gives what comes after a number, over the borders of calls, and nothing after the last", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    expect(await log.read(0, PAGE)).toEqual([]);
    await log.append([event("1"), event("2"), event("3")]);
    await log.append([event("4")]);
    await log.append([event("5"), event("6")]);

    for (let after = 0; after <= 6; after += 1) {
      const expected = ["1", "2", "3", "4", "5", "6"].slice(after);
      expect(await framesOf(log, after)).toEqual(expected);
    }
    expect(await log.read(7, PAGE)).toEqual([]);
    expect(await log.read(1_000_000, PAGE)).toEqual([]);
  });

  it("keeps to the page: as many records, as many bytes, but at least one record", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    await log.append([event("1".repeat(10)), event("2".repeat(10))]);
    await log.append([event("3".repeat(100)), event("4".repeat(10))]);
    const page = async (after: number, maxRecords: number, maxBytes: number): Promise<number[]> =>
      (await log.read(after, { maxRecords, maxBytes })).map(({ seq }) => seq);

    expect(await page(0, 1, 1000)).toEqual([1]);
    expect(await page(0, 3, 1000)).toEqual([1, 2, 3]);
    expect(await page(0, 4, 19)).toEqual([1]);
    expect(await page(0, 4, 20)).toEqual([1, 2]);
    expect(await page(0, 4, 119)).toEqual([1, 2]);
    expect(await page(0, 4, 120)).toEqual([1, 2, 3]);
    expect(await page(2, 4, 10)).toEqual([3]);
    expect(await page(3, 4, 1)).toEqual([4]);
  });

  it("counts bytes as they are sent, not characters", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    await log.append([event("€€"), event("€€")]);

    expect(await log.read(0, { maxRecords: 9, maxBytes: 11 })).toHaveLength(1);
    expect(await log.read(0, { maxRecords: 9, maxBytes: 12 })).toHaveLength(2);
  });
}

function describeWriter(createPlace: () => LogPlace): void {
  it("is who opened last: the one before is refused and writes nothing", async () => {
    await using bench = new LogBench(createPlace());
    const before = await bench.open("alice");
    await before.append([event("1")]);
    const now = await bench.open("alice");

    expect(await codeOf(before.append([event("lost")]))).toBe("WT_LOG_FENCED");
    expect(await codeOf(before.read(0, PAGE))).toBe("WT_LOG_FENCED");
    expect(await codeOf(before.runs())).toBe("WT_LOG_FENCED");
    expect(now.epoch).toBe(before.epoch);
    expect(await now.append([event("2")])).toBe(2);
    expect(await framesOf(now)).toEqual(["1", "2"]);
  });

  it("may open anew without waiting, and no number is given twice", async () => {
    await using bench = new LogBench(createPlace());
    const before = await bench.open("alice");
    const late = before.append([event("late")]);
    const opening = bench.open("alice");
    const lost = codeOf(before.append([event("later")]));
    const now = await opening;
    await now.append([event("now")]);

    const refused = [await codeOf(late), await lost].filter((code) => code !== undefined);
    expect(new Set(refused)).toEqual(new Set(refused.length > 0 ? ["WT_LOG_FENCED"] : []));
    expect(now.last).toBe(3 - refused.length);
    expect((await now.read(0, PAGE)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: now.last }, (_, index) => index + 1),
    );
    expect((await framesOf(now)).at(-1)).toBe("now");
  });

  it("that was replaced is refused though it had much under way, and closing takes nothing away", async () => {
    await using bench = new LogBench(createPlace());
    const before = await bench.open("alice");
    const opening = bench.open("alice");
    const calls = Array.from({ length: 1100 }, () => codeOf(before.append([event("late")])));
    const closing = before.close();
    const now = await opening;
    const codes = await Promise.all(calls);
    await closing;

    expect(codes.at(-1)).toBe("WT_LOG_FENCED");
    const written = codes.filter((code) => code === undefined).length;
    expect(codes.slice(written).every((code) => code === "WT_LOG_FENCED")).toBe(true);
    expect(await now.append([event("now")])).toBe(written + 1);
    expect((await framesOf(now)).length).toBe(written + 1);
  });

  it("who closed is refused, what it asked for before is done, and closing again does nothing", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    const last = log.append([event("1")]);
    const closing = log.close();
    expect(await codeOf(log.append([event("lost")]))).toBe("WT_SCOPE_DISPOSED");
    await closing;
    expect(await last).toBe(1);
    expect(await codeOf(log.read(0, PAGE))).toBe("WT_SCOPE_DISPOSED");

    const next = await bench.open("alice");
    await log.close();
    expect(await next.append([event("2")])).toBe(2);
    expect(await framesOf(next)).toEqual(["1", "2"]);
    expect(next.epoch).toBe(log.epoch);
  });

  it("one that was replaced takes nothing from the new one by closing", async () => {
    await using bench = new LogBench(createPlace());
    const before = await bench.open("alice");
    const now = await bench.open("alice");
    await before.close();

    expect(await now.append([event("1")])).toBe(1);
    await bench.sweep();
    expect(await now.append([event("2")])).toBe(2);
  });

  it("is refused by a store that is disposed, which finishes what was asked for before", async () => {
    await using bench = new LogBench(createPlace());
    const log = await bench.open("alice");
    const last = log.append([event("1")]);
    const disposing = bench.log[Symbol.asyncDispose]();
    expect(await codeOf(bench.open("bob"))).toBe("WT_SCOPE_DISPOSED");
    await disposing;
    await bench.log[Symbol.asyncDispose]();

    expect(await last).toBe(1);
    expect(await codeOf(log.append([event("lost")]))).toBe("WT_SCOPE_DISPOSED");
    expect(await codeOf(log.read(0, PAGE))).toBe("WT_SCOPE_DISPOSED");
    expect(await codeOf(bench.open("alice"))).toBe("WT_SCOPE_DISPOSED");
    await log.close();
  });
}
