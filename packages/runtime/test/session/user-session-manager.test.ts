import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import { createUserSessionManager } from "../../src/session/user-session-manager.ts";
import { SessionManagerBench } from "./session-manager-bench.ts";

describe("a session", () => {
  it("of another user is as unknown as one that never was", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    const { sessionId } = manager.create(alice);

    for (const id of [sessionId, "never was"]) {
      expect(manager.get(bob, id)).toBeUndefined();
      expect(manager.resume(bob, id)).toBeUndefined();
      expect(manager.touch(bob, id)).toBe(false);
      expect(manager.attach(bob, id)).toBeUndefined();
      expect(manager.revoke(bob, id)).toBe(false);
    }
    expect(manager.list(bob)).toEqual([]);
    expect(manager.get(alice, sessionId)).toMatchObject({ sessionId, user: alice });
    expect(manager.touch(alice, sessionId)).toBe(true);
  });

  it("is frozen", async () => {
    await using bench = new SessionManagerBench();

    expect(Object.isFrozen(bench.manager.create(bench.alice))).toBe(true);
  });

  it("lives for one millisecond less than its idle time, not for all of it", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = manager.create(alice);

    bench.now += 99;
    expect(manager.get(alice, sessionId)).toBeDefined();
    expect(manager.touch(alice, sessionId)).toBe(true);
    bench.now += 99;
    expect(manager.resume(alice, sessionId)).toBeDefined();
    bench.now += 100;

    expect(manager.get(alice, sessionId)).toBeUndefined();
    expect(bench.ended).toMatchObject([{ sessionId, cause: "expired" }]);
  });

  it("ends at its age, however busy", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = manager.create(alice);
    manager.attach(alice, sessionId);

    bench.now += 999;
    expect(manager.touch(alice, sessionId)).toBe(true);
    bench.now += 1;

    expect(manager.touch(alice, sessionId)).toBe(false);
  });

  it("is not idle while anything lives in it, and begins to idle when the last thing left", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = manager.create(alice);
    const detachFirst = manager.attach(alice, sessionId);
    const detachSecond = manager.attach(alice, sessionId);

    bench.now += 300;
    detachFirst?.();
    detachFirst?.();
    bench.now += 300;
    expect(manager.get(alice, sessionId)).toBeDefined();
    detachSecond?.();
    bench.now += 99;
    expect(manager.get(alice, sessionId)).toBeDefined();
    bench.now += 1;

    expect(manager.get(alice, sessionId)).toBeUndefined();
  });

  it("that is revoked is over, and its user's others and other users' are not", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    const [first, second] = [manager.create(alice), manager.create(alice)];
    const foreign = manager.create(bob);

    expect(manager.revoke(alice, first.sessionId)).toBe(true);
    expect(manager.revoke(alice, first.sessionId)).toBe(false);

    expect(bench.ids(alice)).toEqual([second.sessionId]);
    expect(bench.ids(bob)).toEqual([foreign.sessionId]);
    expect(bench.ended).toMatchObject([{ ...first, cause: "revoked" }]);
  });
});

describe("a user's sessions", () => {
  it("number at most what is allowed: n stay, the one after replaces the idlest", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const [one, two, three] = [1, 2, 3].map(() => {
      bench.now += 1;
      return manager.create(alice).sessionId;
    });
    expect(bench.ended).toEqual([]);
    bench.now += 1;
    manager.touch(alice, one ?? "");

    const four = manager.create(alice).sessionId;

    expect(bench.ids(alice)).toEqual([one, three, four]);
    expect(bench.ended).toMatchObject([{ sessionId: two, cause: "replaced" }]);
  });

  it("are replaced only if nothing lives in them, as long as there is such a one", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const [one, two, three] = [1, 2, 3].map(() => manager.create(alice).sessionId);
    for (const id of [one, three]) manager.attach(alice, id ?? "");
    bench.now += 50;
    manager.touch(alice, two ?? "");

    manager.create(alice);

    expect(bench.ended).toMatchObject([{ sessionId: two, cause: "replaced" }]);
  });

  it("are counted for each user alone", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    for (let i = 0; i < 3; i += 1) manager.create(alice);

    const { sessionId } = manager.create(bob);

    expect(bench.ids(alice)).toHaveLength(3);
    expect(bench.ids(bob)).toEqual([sessionId]);
    expect(bench.ended).toEqual([]);
  });

  it("may begin while one of them is just ending (a re-entrant one was once lost)", async () => {
    await using bench = new SessionManagerBench({ maxSessionsPerUser: 1 });
    const { manager, alice } = bench;
    const reentrant: string[] = [];
    manager.create(alice);
    const stop = manager.onEnded(() => {
      stop();
      reentrant.push(manager.create(alice).sessionId);
    });

    manager.create(alice);

    expect(bench.ids(alice)).toEqual(expect.arrayContaining(reentrant));
    expect(reentrant).toHaveLength(1);
  });

  it("are the only ones that a sign-in or a list judges (10,000 users once paid for each)", async () => {
    let reads = 0;
    await using bench = new SessionManagerBench({ now: () => (reads += 1) && 1000 });
    const { manager, alice } = bench;
    for (let i = 0; i < 200; i += 1) manager.create(createUserContext({ userId: `u${i}` }));
    reads = 0;

    manager.create(alice);
    manager.list(alice);

    expect(reads).toBeLessThan(5);
    expect(manager.list(createUserContext({ userId: "u7" }))).toHaveLength(1);
  });
});

describe("a sweep", () => {
  it("ends all whose time has come, though a listener throws, and tells the operator", async () => {
    const told: unknown[] = [];
    await using bench = new SessionManagerBench({ onError: (error) => told.push(error) });
    const { manager, alice, bob } = bench;
    manager.onEnded(() => {
      throw new Error("a listener");
    });
    manager.create(alice);
    manager.create(bob);
    bench.now += 60;
    const young = manager.create(bob);
    bench.now += 40;

    expect(manager.expire()).toBe(2);

    expect(bench.ended.map(({ user }) => user)).toEqual([alice, bob]);
    expect(bench.ids(bob)).toEqual([young.sessionId]);
    expect(told).toHaveLength(2);
  });

  it("comes by itself, in time for the shorter of idle time and age", async () => {
    await using bench = new SessionManagerBench({ idleMs: 3_600_000, maxAgeMs: 200 });
    bench.manager.create(bench.alice);

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

    manager.revoke(alice, manager.create(alice).sessionId);

    expect(heard).toEqual([]);
    expect(bench.ended).toHaveLength(1);
  });

  it("that is disposed forgets all and begins no more, however often it is disposed", async () => {
    const { manager, alice } = new SessionManagerBench();
    const { sessionId } = manager.create(alice);

    await Promise.all([manager.dispose(), manager.dispose()]);

    expect(manager.get(alice, sessionId)).toBeUndefined();
    expect(() => manager.create(alice)).toThrow(
      expect.objectContaining({ code: "WT_SCOPE_DISPOSED" }),
    );
  });

  it.each([
    { idleMs: 0 },
    { maxAgeMs: 1.5 },
    { maxSessionsPerUser: "3" },
    { now: 5 },
    { createId: 1 },
  ])("refuses %j", (options) => {
    expect(() => createUserSessionManager(options as never)).toThrow(Object.keys(options)[0]);
  });

  it("refuses a user that only looks like one", async () => {
    await using bench = new SessionManagerBench();
    const fake = Object.assign(Object.create(null), bench.alice) as typeof bench.alice;

    expect(() => bench.manager.create(fake)).toThrow(
      expect.objectContaining({ code: "WT_CONTEXT_FORGED" }),
    );
    expect(() => bench.manager.list(fake)).toThrow();
  });
});
