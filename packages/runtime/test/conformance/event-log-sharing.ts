import { expect, it } from "vitest";
import type { UserEventLog } from "../../src/event-log/event-log.ts";
import {
  begin,
  codeOf,
  end,
  event,
  framesOf,
  LogBench,
  type LogPlace,
  userOf,
} from "./log-bench.ts";

/** What a log promises that nodes may share. */
export function describeLogSharing(createPlace: () => LogPlace): void {
  const share = ({ log }: LogBench, userId: string): Promise<UserEventLog> =>
    log.open(userOf(userId), "shared");

  it("numbers over all that share it, and each reads what the others wrote", async () => {
    await using bench = new LogBench(createPlace());
    const [a, b] = [await share(bench, "alice"), await share(bench, "alice")];

    expect(await a.append([begin("a"), event("1", "a")])).toBe(1);
    expect(await b.append([begin("b")])).toBe(3);
    expect(await a.append([end("a")])).toBe(4);

    expect([b.epoch, b.first, b.last]).toEqual([a.epoch, a.first, a.last]);
    expect(b.cursorKey).toEqual(a.cursorKey);
    expect(await framesOf(b)).toEqual(["begin", "1", "begin", "end"]);
    expect(await framesOf(a)).toEqual(await framesOf(b));
  });

  it("lets nobody write into a run that another one holds, or begin it again", async () => {
    await using bench = new LogBench(createPlace());
    const [a, b] = [await share(bench, "alice"), await share(bench, "alice")];
    await a.append([begin("run")]);

    expect(await codeOf(b.append([begin("other"), event("x", "run")]))).toBe("WT_LOG_FENCED");
    expect(await codeOf(b.append([end("run")]))).toBe("WT_LOG_FENCED");
    expect(await codeOf(b.append([begin("run")]))).toBe("WT_RUN_CONFLICT");

    expect(await framesOf(b)).toEqual(["begin"]);
    expect((await a.runs()).map(({ isHeld }) => isHeld)).toEqual([undefined]);
    expect((await b.runs()).map(({ isHeld }) => isHeld)).toEqual([true]);
    expect(await a.append([end("run")])).toBe(2);
    expect((await b.runs()).map(({ isHeld }) => isHeld)).toEqual([undefined]);
  });

  it("gives the runs of who left to exactly one of those who come next", async () => {
    await using bench = new LogBench(createPlace());
    const [a, stays] = [await share(bench, "alice"), await share(bench, "alice")];
    await a.append([begin("run")]);
    await a.close();

    const [b, c] = [await share(bench, "alice"), await share(bench, "alice")];

    const held = async (log: UserEventLog) => (await log.runs()).map(({ isHeld }) => isHeld);
    expect([await held(b), await held(c), await held(stays)]).toEqual([
      [undefined],
      [true],
      [true],
    ]);
    expect(await codeOf(c.append([end("run")]))).toBe("WT_LOG_FENCED");
    expect(await b.append([end("run")])).toBe(2);
  });

  it("is taken from all by one who wants it alone, and from that one by who shares it again", async () => {
    await using bench = new LogBench(createPlace());
    const shared = [await share(bench, "alice"), await share(bench, "alice")];
    const alone = await bench.open("alice");
    for (const log of shared) expect(await codeOf(log.append([event("x")]))).toBe("WT_LOG_FENCED");
    await alone.append([begin("run")]);

    const again = await share(bench, "alice");

    expect(await codeOf(alone.append([event("x")]))).toBe("WT_LOG_FENCED");
    expect(await again.append([end("run")])).toBe(2);
  });

  it("is one user's: others share theirs, and an erasure fences all who share that one", async () => {
    await using bench = new LogBench(createPlace());
    const [a, b, bob] = [
      await share(bench, "alice"),
      await share(bench, "alice"),
      await share(bench, "bob"),
    ];
    await bob.append([begin("run")]);
    await a.append([begin("run")]);

    await bench.log.erase(userOf("alice"));

    for (const log of [a, b]) expect(await codeOf(log.append([event("x")]))).toBe("WT_LOG_FENCED");
    expect(await bob.append([end("run")])).toBe(2);
  });
}
