import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { LogRecord, NewRecord } from "../../src/event-log/event-log.ts";
import { createUserStream, type UserStream } from "../../src/event-log/user-stream.ts";
import { createDeferred } from "../internal/deferred.ts";
import { FaultyEventLog } from "./faulty-event-log.ts";

const alice = createUserContext({ userId: "alice" });
const bob = createUserContext({ userId: "bob" });

function record(text: string, kind: "event" | "end" = "event"): NewRecord {
  return { kind, threadId: "thread", runId: "run", frame: JSON.stringify({ text }) };
}

const begin: NewRecord = { ...record("begin"), kind: "begin", agentName: "agent" };

/** A stream of alice's on a log that the test can break, and what it told. */
function openStream(log = new FaultyEventLog(createMemoryEventLog())) {
  const told: string[] = [];
  const records: LogRecord[] = [];
  const onError = (_: unknown, { stage }: { readonly stage: string }): void =>
    void told.push(stage);
  const stream = createUserStream(alice, log, { onError });
  stream.follow((more) => records.push(...more));
  return { log, stream, told, records };
}

function last(stream: UserStream): Promise<readonly LogRecord[]> {
  return stream.read(0, { maxRecords: 100, maxBytes: 1_000_000 });
}

describe("a user's stream", () => {
  it("numbers what is appended in the order of the calls, and tells followers only what is in the log", async () => {
    const gate = createDeferred();
    const { log, stream, records } = openStream();
    log.pace = gate.promise;
    await using _ = stream;

    const results = [stream.append(begin), stream.append(record("a")), stream.append(record("b"))];
    await stream.opened;
    await new Promise(setImmediate);
    expect(log.appends).toBe(1);
    expect(records).toEqual([]);
    expect(stream.isSettled).toBe(false);
    gate.resolve();

    expect(await Promise.all(results)).toEqual([1, 2, 3].map((seq) => ({ status: "logged", seq })));
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await last(stream)).toEqual(records);
    expect(stream.last).toBe(3);
  });

  it("writes what comes while it writes in one go", async () => {
    const gate = createDeferred();
    const { log, stream } = openStream();
    log.pace = gate.promise;
    await using _ = stream;
    const first = stream.append(begin);
    await expect.poll(() => log.appends).toBe(1);

    const results = Array.from({ length: 100 }, (_, i) => stream.append(record(String(i))));
    gate.resolve();
    await Promise.all([first, ...results]);

    expect(log.appends).toBe(2);
  });

  it("knows a run from its begin on, where it lies, and that it has ended", async () => {
    const { stream } = openStream();
    await using _ = stream;

    const started = stream.append(begin);
    expect(stream.findRun("run")).toMatchObject({ threadId: "thread", agentName: "agent" });
    await started;
    expect(stream.openRuns().map(({ runId, firstSeq }) => [runId, firstSeq])).toEqual([["run", 1]]);
    await stream.append(record("end", "end"));

    expect(stream.findRun("run")).toMatchObject({ firstSeq: 1, lastSeq: 2 });
    expect(stream.openRuns()).toEqual([]);
    expect(stream.findRun("other")).toBeUndefined();
  });

  it("says when there is room again, and when nothing waits any more", async () => {
    const gate = createDeferred();
    const { log, stream } = openStream();
    log.pace = gate.promise;
    await using _ = stream;
    await stream.opened;
    const all = Array.from({ length: 200 }, (_, i) => stream.append(record(String(i))));
    expect(stream.hasRoom).toBe(false);
    const told: string[] = [];
    const room = stream.room().then(() => told.push("room"));
    const rest = stream.settled().then(() => told.push("rest"));
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    gate.resolve();
    await Promise.all([...all, room, rest]);

    expect(told).toEqual(["room", "rest"]);
    expect(stream.hasRoom && stream.isSettled).toBe(true);
  });

  it("refuses more than may wait, and loses nothing of what it took", async () => {
    const gate = createDeferred();
    const log = new FaultyEventLog(createMemoryEventLog());
    log.pace = gate.promise;
    await using stream = createUserStream(alice, log, { maxPendingRecords: 10, onError: () => {} });
    await stream.opened;
    const first = stream.append(record("first"));
    await expect.poll(() => log.appends).toBe(1);
    const taken = Array.from({ length: 10 }, (_, i) => stream.append(record(String(i))));

    expect(await stream.append(record("one too many"))).toEqual({
      status: "refused",
      reason: "log-behind",
    });
    gate.resolve();

    expect((await Promise.all([first, ...taken])).every(({ status }) => status === "logged")).toBe(
      true,
    );
    expect(await last(stream)).toHaveLength(11);
  });

  it("that can't write refuses, tells its operator once, stays failed, and has told nobody what it lost", async () => {
    const { log, stream, told, records } = openStream();
    await stream.append(record("good"));
    log.appendFailure = new Error("ENOSPC");

    const results = await Promise.all([
      stream.append(record("bad")),
      stream.append(record("worse")),
    ]);
    await stream.failed;
    log.appendFailure = undefined;

    expect(results).toEqual(Array(2).fill({ status: "refused", reason: "log-failed" }));
    expect(await stream.append(record("late"))).toMatchObject({ reason: "log-failed" });
    expect(told).toEqual(["event-log"]);
    expect(records.map(({ seq }) => seq)).toEqual([1]);
    await stream.dispose();
    const again = openStream(log);
    await again.stream.opened;
    expect(again.stream.last).toBe(1);
    await again.stream.dispose();
  });

  it("whose log can't be opened says so to who waits, and refuses", async () => {
    const log = new FaultyEventLog(createMemoryEventLog());
    log.openFailure = new Error("no disk");
    const { stream, told } = openStream(log);
    const early = stream.append(record("early"));

    await expect(stream.opened).rejects.toThrow("no disk");

    expect(await early).toEqual({ status: "refused", reason: "log-failed" });
    expect(told).toEqual(["event-log"]);
    await stream.dispose();
  });

  it("that lost its place to another writer refuses rather than writes beside it", async () => {
    const { log, stream, told } = openStream();
    await stream.append(record("mine"));
    const other = openStream(log);
    await other.stream.append(record("theirs"));

    expect(await stream.append(record("late"))).toMatchObject({ reason: "log-failed" });
    await stream.failed;
    expect(told).toEqual(["event-log"]);
    expect((await last(other.stream)).map(({ frame }) => frame)).toEqual([
      '{"text":"mine"}',
      '{"text":"theirs"}',
    ]);
    await Promise.all([stream.dispose(), other.stream.dispose()]);
  });

  it("writes what waits before it ends, twice or at once, and refuses after", async () => {
    const { stream, records } = openStream();
    const results = [stream.append(record("a")), stream.append(record("b"))];

    await Promise.all([stream.dispose(), stream.dispose()]);

    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(["logged", "logged"]);
    expect(records).toHaveLength(2);
    expect(await stream.append(record("late"))).toEqual({ status: "refused", reason: "disposed" });
  });

  it("is stopped by no follower that throws, and tells no follower that has left", async () => {
    const { stream, told, records } = openStream();
    await using _ = stream;
    const left: LogRecord[] = [];
    const leave = stream.follow((more) => left.push(...more));
    stream.follow(() => {
      throw new Error("follower");
    });
    await stream.append(record("a"));
    leave();
    await stream.append(record("b"));

    expect(records).toHaveLength(2);
    expect(left).toHaveLength(1);
    expect(told).toEqual(["follower", "follower"]);
  });

  it("gives cursors that this user's stream takes back, and no other user's does", async () => {
    const { log, stream } = openStream();
    await using _ = stream;
    await using others = createUserStream(bob, log, { onError: () => {} });
    await Promise.all([stream.opened, others.opened]);
    const cursor = stream.cursor(7);

    expect(stream.readCursor(cursor)).toEqual({ status: "ok", seq: 7 });
    expect(others.readCursor(cursor)).toEqual({ status: "refused" });
  });
});
