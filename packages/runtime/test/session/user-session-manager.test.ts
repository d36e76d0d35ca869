import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import {
  createUserSessionManager,
  type UserSession,
} from "../../src/session/user-session-manager.ts";
import { SessionManagerBench } from "./session-manager-bench.ts";

describe("a session", () => {
  it("of another user is as unknown as one that never was", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    const { sessionId } = await manager.create(alice);

    for (const id of [sessionId, "never was"]) {
      expect(await manager.get(bob, id)).toBeUndefined();
      expect(await manager.resume(bob, id)).toBeUndefined();
      expect(await manager.touch(bob, id)).toBe(false);
      expect(manager.attach(bob, id)).toBeUndefined();
      expect(await manager.revoke(bob, id)).toBe(false);
    }
    expect(await manager.list(bob)).toEqual([]);
    expect(await manager.get(alice, sessionId)).toMatchObject({ sessionId, user: alice });
    expect(await manager.touch(alice, sessionId)).toBe(true);
  });

  it("is frozen", async () => {
    await using bench = new SessionManagerBench();

    expect(Object.isFrozen(await bench.manager.create(bench.alice))).toBe(true);
  });

  it("lives for one millisecond less than its idle time, not for all of it", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = await manager.create(alice);

    bench.now += 99;
    expect(await manager.get(alice, sessionId)).toBeDefined();
    expect(await manager.touch(alice, sessionId)).toBe(true);
    bench.now += 99;
    expect(await manager.resume(alice, sessionId)).toBeDefined();
    bench.now += 100;

    expect(await manager.get(alice, sessionId)).toBeUndefined();
    expect(bench.ended).toMatchObject([{ sessionId, cause: "expired" }]);
  });

  it("ends at its age, however busy", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = await manager.create(alice);
    manager.attach(alice, sessionId);

    bench.now += 999;
    expect(await manager.touch(alice, sessionId)).toBe(true);
    bench.now += 1;

    expect(await manager.touch(alice, sessionId)).toBe(false);
  });

  it("is not idle while anything lives in it, and begins to idle when the last thing left", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = await manager.create(alice);
    const detachFirst = manager.attach(alice, sessionId);
    const detachSecond = manager.attach(alice, sessionId);

    bench.now += 300;
    detachFirst?.();
    detachFirst?.();
    bench.now += 300;
    expect(await manager.get(alice, sessionId)).toBeDefined();
    detachSecond?.();
    bench.now += 99;
    expect(await manager.get(alice, sessionId)).toBeDefined();
    bench.now += 1;

    expect(await manager.get(alice, sessionId)).toBeUndefined();
  });

  it("that is revoked is over, and its user's others and other users' are not", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    const [first, second] = [await manager.create(alice), await manager.create(alice)];
    const foreign = await manager.create(bob);

    expect(await manager.revoke(alice, first.sessionId)).toBe(true);
    expect(await manager.revoke(alice, first.sessionId)).toBe(false);

    expect(await bench.ids(alice)).toEqual([second.sessionId]);
    expect(await bench.ids(bob)).toEqual([foreign.sessionId]);
    expect(bench.ended).toMatchObject([{ ...first, cause: "revoked" }]);
  });
});

describe("a user's sessions", () => {
  it("number at most what is allowed: n stay, the one after replaces the idlest", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const [one, two, three] = await bench.begin(alice, 3);
    expect(bench.ended).toEqual([]);
    bench.now += 1;
    await manager.touch(alice, one ?? "");

    const { sessionId: four } = await manager.create(alice);

    expect(await bench.ids(alice)).toEqual([one, three, four]);
    expect(bench.ended).toMatchObject([{ sessionId: two, cause: "replaced" }]);
  });

  it("are replaced only if nothing lives in them, as long as there is such a one", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const [one, two, three] = await bench.begin(alice, 3);
    for (const id of [one, three]) manager.attach(alice, id ?? "");
    bench.now += 50;
    await manager.touch(alice, two ?? "");

    await manager.create(alice);

    expect(bench.ended).toMatchObject([{ sessionId: two, cause: "replaced" }]);
  });

  it("are counted for each user alone", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    await bench.begin(alice, 3);

    const { sessionId } = await manager.create(bob);

    expect(await bench.ids(alice)).toHaveLength(3);
    expect(await bench.ids(bob)).toEqual([sessionId]);
    expect(bench.ended).toEqual([]);
  });

  it("may begin while one of them is just ending, and are then not one too many", async () => {
    await using bench = new SessionManagerBench({ maxSessionsPerUser: 1 });
    const { manager, alice } = bench;
    const reentrant: Promise<UserSession>[] = [];
    await manager.create(alice);
    const stop = manager.onEnded(() => {
      stop();
      reentrant.push(manager.create(alice));
    });

    const replaced = await manager.create(alice);

    const [last] = await Promise.all(reentrant);
    expect(await bench.ids(alice)).toEqual([last?.sessionId]);
    expect(bench.ended).toMatchObject([{ cause: "replaced" }, replaced]);
  });

  it("never exceed the limit, however many begin at once", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;

    const begun = await Promise.all(Array.from({ length: 10 }, () => manager.create(alice)));

    const ids = begun.map(({ sessionId }) => sessionId);
    expect(await bench.ids(alice)).toEqual(ids.slice(-3));
    expect(bench.ended.map(({ sessionId }) => sessionId)).toEqual(ids.slice(0, -3));
  });

  it("are replaced, the oldest first, if something lives in all of them", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const ids = await bench.begin(alice, 3);
    for (const id of ids) manager.attach(alice, id);

    await manager.create(alice);

    expect(bench.ended).toMatchObject([{ sessionId: ids[0], cause: "replaced" }]);
  });

  it("all end when the user is signed out everywhere, and no other user's", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    const ids = await bench.begin(alice, 3);
    const [foreign] = await bench.begin(bob, 1);
    manager.attach(alice, ids[1] ?? "");

    expect(await manager.revokeAll(alice)).toBe(3);
    expect(await manager.revokeAll(alice)).toBe(0);

    expect(bench.ended.map(({ sessionId, cause }) => [sessionId, cause])).toEqual(
      ids.map((id) => [id, "revoked"]),
    );
    expect(await bench.ids(alice)).toEqual([]);
    expect(await bench.ids(bob)).toEqual([foreign]);
  });

  it("show the device that each is on, and when its user was last seen", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    await manager.create(alice, { device: "Firefox on the desk" });
    const { sessionId } = await manager.create(alice);
    bench.now += 5;
    await manager.touch(alice, sessionId);

    expect(await manager.list(alice)).toEqual([
      {
        sessionId: "session-1",
        user: alice,
        createdAt: 1000,
        touchedAt: 1000,
        device: "Firefox on the desk",
      },
      { sessionId, user: alice, createdAt: 1000, touchedAt: 1005 },
    ]);
  });

  it.each(["", "x".repeat(257), "a\u0000b", 7 as never, null as never])(
    "have no device called %j, and the refusal does not repeat it",
    async (device) => {
      await using bench = new SessionManagerBench();
      const { manager, alice } = bench;

      await expect(manager.create(alice, { device })).rejects.toMatchObject({
        code: "WT_OPTION_INVALID",
        message: expect.not.stringContaining("xxx") as string,
      });
      expect(await bench.ids(alice)).toEqual([]);
      expect(await manager.create(alice, { device: "x".repeat(256) })).toBeDefined();
    },
  );

  it("are the only ones that a sign-in or a list judges (10,000 users once paid for each)", async () => {
    let reads = 0;
    await using bench = new SessionManagerBench({ now: () => (reads += 1) && 1000 });
    const { manager, alice } = bench;
    for (let i = 0; i < 200; i += 1) {
      await manager.create(createUserContext({ userId: `u${i}` }));
    }
    reads = 0;

    await manager.create(alice);
    await manager.list(alice);

    expect(reads).toBeLessThan(5);
    expect(await manager.list(createUserContext({ userId: "u7" }))).toHaveLength(1);
  });
});

describe("a sweep", () => {
  it("ends all whose time has come, though a listener throws, and tells the operator", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    manager.onEnded(() => {
      throw new Error("a listener");
    });
    await manager.create(alice);
    await manager.create(bob);
    bench.now += 60;
    const young = await manager.create(bob);
    bench.now += 40;

    expect(await manager.expire()).toBe(2);

    expect(bench.ended.map(({ user }) => user)).toEqual([alice, bob]);
    expect(await bench.ids(bob)).toEqual([young.sessionId]);
    expect(bench.told).toEqual(["observer", "observer"]);
  });

  it("comes by itself, in time for the shorter of idle time and age", async () => {
    await using bench = new SessionManagerBench({ idleMs: 3_600_000, maxAgeMs: 200 });
    await bench.manager.create(bench.alice);

    bench.now += 200;

    await expect.poll(() => bench.ended).toMatchObject([{ cause: "expired" }]);
  });
});

describe("a session manager", () => {
  it("tells nobody who stopped listening", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const heard: unknown[] = [];
    manager.onEnded((session) => heard.push(session))();

    await manager.revoke(alice, (await manager.create(alice)).sessionId);

    expect(heard).toEqual([]);
    expect(bench.ended).toHaveLength(1);
  });

  it("that is disposed forgets all and begins no more, however often it is disposed", async () => {
    const bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = await manager.create(alice);

    await Promise.all([manager.dispose(), manager.dispose()]);

    expect(await manager.get(alice, sessionId)).toBeUndefined();
    for (const question of [manager.create(alice), manager.issueTicket(alice)]) {
      await expect(question).rejects.toMatchObject({ code: "WT_SCOPE_DISPOSED" });
    }
    expect(manager.attach(alice, sessionId)).toBeUndefined();
    expect(await manager.revokeAll(alice)).toBe(0);
    expect(bench.ended).toEqual([]);
  });

  it.each([
    { idleMs: 0 },
    { maxAgeMs: 1.5 },
    { maxSessionsPerUser: "3" },
    { ticketMs: 0 },
    { maxTicketsPerUser: -1 },
    { storeTimeoutMs: 2 ** 31 },
    { now: 5 },
    { createId: 1 },
  ])("refuses %j", (options) => {
    expect(() => createUserSessionManager(createMemorySessionStore(), options as never)).toThrow(
      Object.keys(options)[0],
    );
  });

  it("refuses a user that only looks like one", async () => {
    await using bench = new SessionManagerBench();
    const fake = Object.assign(Object.create(null), bench.alice) as typeof bench.alice;

    for (const question of [bench.manager.create(fake), bench.manager.list(fake)]) {
      await expect(question).rejects.toMatchObject({ code: "WT_CONTEXT_FORGED" });
    }
    expect(() => bench.manager.attach(fake, "any")).toThrow("UserContext");
  });
});
