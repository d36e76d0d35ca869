import { describe, expect, it } from "vitest";
import { SessionManagerBench } from "./session-manager-bench.ts";

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
/** The limits of a real server. */
const LIMITS = Object.freeze({ idleMs: HOUR / 2, maxAgeMs: 24 * HOUR, ticketMs: 30_000 });

describe("a clock that jumps", () => {
  it("back by an hour signs nobody out, and lets nobody idle for longer than allowed from then on", async () => {
    await using bench = new SessionManagerBench(LIMITS);
    const { manager, alice } = bench;
    bench.now = YEAR;
    const [id = ""] = await bench.begin(alice, 1);

    bench.now -= HOUR;
    expect(await bench.ids(alice)).toEqual([id]);
    bench.now += LIMITS.idleMs - 1;
    expect(await bench.ids(alice)).toEqual([id]);
    bench.now += 1;

    expect(await bench.ids(alice)).toEqual([]);
    expect(bench.ended).toMatchObject([{ cause: "expired" }]);
    expect(await manager.expire()).toBe(0);
  });

  it("back by an hour voids tickets, which must not last an hour longer", async () => {
    await using bench = new SessionManagerBench(LIMITS);
    const { manager, alice } = bench;
    bench.now = YEAR;
    const issued = await manager.issueTicket(alice);

    bench.now -= HOUR;

    expect(await manager.redeemTicket(issued?.ticket ?? "")).toBeUndefined();
    const again = await manager.issueTicket(alice);
    expect(await manager.redeemTicket(again?.ticket ?? "")).toEqual({ user: alice });
  });

  it("back while something lives in a session ends it an age later at most", async () => {
    await using bench = new SessionManagerBench(LIMITS);
    const { manager, alice } = bench;
    bench.now = YEAR;
    const [id = ""] = await bench.begin(alice, 1);
    manager.attach(alice, id);

    bench.now -= YEAR / 2;
    expect(await bench.ids(alice)).toEqual([id]);
    bench.now += LIMITS.maxAgeMs;

    expect(await manager.expire()).toBe(1);
  });

  it("forward by a year ends every session, those in use too, and says so once", async () => {
    await using bench = new SessionManagerBench(LIMITS);
    const { manager, alice, bob } = bench;
    const [held = "", idle] = await bench.begin(alice, 2);
    const [foreign] = await bench.begin(bob, 1);
    const detach = manager.attach(alice, held);
    const issued = await manager.issueTicket(alice);

    bench.now += YEAR;
    expect(await manager.expire()).toBe(3);
    detach?.();
    bench.now -= YEAR;

    expect(bench.ended.map(({ sessionId, cause }) => [sessionId, cause])).toEqual([
      [held, "expired"],
      [idle, "expired"],
      [foreign, "expired"],
    ]);
    expect(await bench.ids(alice)).toEqual([]);
    expect(await manager.redeemTicket(issued?.ticket ?? "")).toBeUndefined();
    expect((await bench.begin(alice, 1)).length).toBe(1);
  });
});
