import { describe, expect, it } from "vitest";
import { createWebSocketManager } from "../../src/connection/web-socket-manager.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { EventLog, LogRecord, NewRecord } from "../../src/event-log/event-log.ts";
import { createUserStream, type UserStream } from "../../src/event-log/user-stream.ts";
import { createDeferred } from "../internal/deferred.ts";
import { FaultyEventLog } from "./faulty-event-log.ts";
import { openYard } from "../connection/socket-pair.ts";

const alice = createUserContext({ userId: "alice" });

function record(runId: string, type: string, kind: "event" | "end" = "event"): NewRecord {
  return { kind, threadId: "thread", runId, frame: JSON.stringify({ type }) };
}

function begin(runId: string): NewRecord {
  return { ...record(runId, "RUN_STARTED"), kind: "begin", agentName: "agent" };
}

function openShared(log: EventLog) {
  const records: LogRecord[] = [];
  const told: string[] = [];
  const written: number[] = [];
  const stream = createUserStream(alice, log, {
    sharing: "shared",
    onWritten: (last) => void written.push(last),
    onError: (_, { stage }) => void told.push(stage),
  });
  stream.follow((more) => records.push(...more));
  return { stream, records, told, written };
}

async function appendAll(stream: UserStream, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => stream.append(record("run", "CUSTOM"))));
}

describe("a stream of a shared log", () => {
  it("tells what others wrote once it hears of it, in order and once, its own writing in between", async () => {
    const log = createMemoryEventLog();
    await using here = openShared(log).stream;
    const there = openShared(log);
    await using _ = there.stream;
    await Promise.all([here.opened, there.stream.opened]);
    await here.append(begin("run"));
    await appendAll(here, 600);
    expect(there.records).toEqual([]);

    const own = there.stream.append(begin("own"));
    there.stream.catchUp(3);
    await own;
    await here.append(record("run", "RUN_FINISHED", "end"));
    there.stream.catchUp(here.last);
    there.stream.catchUp(5);
    await there.stream.settled();

    expect(there.records.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 603 }, (__, index) => index + 1),
    );
    expect(there.stream.findRun("run")).toMatchObject({ firstSeq: 1, lastSeq: 603 });
    expect(there.stream.findRun("own")).toMatchObject({ firstSeq: 602, lastSeq: undefined });
    expect(there.written).toEqual([602]);
    expect(there.told).toEqual([]);
  });

  it("believes nobody who announces what was never written", async () => {
    const log = createMemoryEventLog();
    const { stream, records, told } = openShared(log);
    await using _ = stream;
    await stream.append(begin("run"));

    for (const last of [-1, 0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      stream.catchUp(last);
    }
    await stream.settled();

    expect([stream.last, stream.isSettled]).toEqual([1, true]);
    expect(await stream.append(record("run", "CUSTOM"))).toEqual({ status: "logged", seq: 2 });
    expect(records.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(told).toEqual([]);
  });

  it("forgets no announcement that comes while it writes", async () => {
    const log = createMemoryEventLog();
    await using here = openShared(log).stream;
    const slow = new FaultyEventLog(log);
    const there = openShared(slow);
    await using _ = there.stream;
    await Promise.all([here.opened, there.stream.opened]);
    await here.append(begin("run"));
    const gate = createDeferred();
    slow.answerPace = gate.promise;

    const own = there.stream.append(begin("own"));
    await expect.poll(() => here.refresh().then(() => here.last)).toBe(2);
    await appendAll(here, 5);
    there.stream.catchUp(here.last);
    gate.resolve();
    await own;
    await there.stream.settled();

    expect(there.stream.last).toBe(7);
    expect(there.records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("refreshes by itself, whoever was told of what", async () => {
    const log = createMemoryEventLog();
    await using here = openShared(log).stream;
    await using there = openShared(log).stream;
    await Promise.all([here.opened, there.opened]);
    await here.append(begin("run"));

    await there.refresh();

    expect([there.last, there.findRun("run")?.firstSeq]).toEqual([1, 1]);
    await there.refresh();
  });

  it("lets a reader see that events are missing which were trimmed before it heard of them", async () => {
    const log = createMemoryEventLog({ retention: { maxRecords: 2 } });
    await using here = openShared(log).stream;
    await using there = openShared(log).stream;
    await Promise.all([here.opened, there.opened]);
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { stream: there });
    const { server, client } = await yard.open();
    manager.connect(server, { user: alice, sessionId: "s" });
    await here.append(begin("run"));
    await appendAll(here, 10);

    there.catchUp(here.last);

    expect((await client.closed).code).toBe(4002);
    expect(there.last).toBe(11);
  });
});
