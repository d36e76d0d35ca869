import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserContext } from "../../src/context/user-context.ts";
import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import type { SessionStore } from "../../src/session/session-store.ts";
import { SessionManagerBench } from "./session-manager-bench.ts";

/** A store at the end of a wire: each question takes some turns of the loop there and some back. */
function distant(store: SessionStore, turns: () => number): SessionStore {
  const wait = async (): Promise<void> => {
    for (let left = turns(); left > 0; left -= 1) await nextTurn();
  };
  const far = async <T>(question: () => Promise<T>): Promise<T> => {
    await wait();
    const answer = await question();
    await wait();
    return answer;
  };
  return {
    create: (...args) => far(() => store.create(...args)),
    touch: (...args) => far(() => store.touch(...args)),
    list: (...args) => far(() => store.list(...args)),
    end: (...args) => far(() => store.end(...args)),
    endAll: (...args) => far(() => store.endAll(...args)),
    addTicket: (...args) => far(() => store.addTicket(...args)),
    takeTicket: (...args) => far(() => store.takeTicket(...args)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** A store that fails, or hangs, for as long as the test says. */
class BrokenStore {
  fault: "none" | "fails" | "hangs" = "none";
  readonly store: SessionStore;

  constructor() {
    const inner = createMemorySessionStore();
    this.store = new Proxy(inner, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          if (this.fault === "fails") throw new Error("the store is away");
          if (this.fault === "hangs") await new Promise(() => {});
          return method.apply(target, args);
        };
      },
    });
  }
}

describe("two nodes over one store", () => {
  it("keep alive on both what lives on one of them", async () => {
    await using here = new SessionManagerBench({ idleMs: 60, maxAgeMs: 3_600_000 });
    const { alice } = here;
    const [id = ""] = await here.begin(alice, 1);
    const detach = here.manager.attach(alice, id);
    await using there = here.otherNode();

    // Nobody but the renewals, which come in real time, says that it is in use.
    const touchedAt = async (): Promise<number> =>
      (await there.manager.list(alice))[0]?.touchedAt ?? -1;
    for (let i = 0; i < 3; i += 1) {
      here.now += 50;
      there.now = here.now;
      await expect.poll(touchedAt, { timeout: 3000, interval: 10 }).toBe(here.now);
    }
    detach?.();
    there.now = here.now += 60;

    expect(await there.ids(alice)).toEqual([]);
  });

  it("tell each what the other ended, once, and close nothing that goes on", async () => {
    await using here = new SessionManagerBench({ idleMs: 60, maxAgeMs: 3_600_000 });
    await using there = here.otherNode();
    const { alice } = here;
    const [lost = "", stays = ""] = await here.begin(alice, 2);
    there.now = here.now;
    for (const id of [lost, stays]) here.manager.attach(alice, id);

    expect(await there.manager.revoke(alice, lost)).toBe(true);

    await expect.poll(() => here.ended).toMatchObject([{ sessionId: lost, cause: "revoked" }]);
    expect(there.ended).toEqual([]);
    expect(await here.ids(alice)).toEqual([stays]);
    await here.manager.revoke(alice, lost);
    expect(here.ended).toHaveLength(1);
  });

  it("know a session that began on the other, and attach only what they were asked about", async () => {
    await using here = new SessionManagerBench();
    await using there = here.otherNode();
    const { alice } = here;
    const [id = ""] = await here.begin(alice, 1);
    there.now = here.now;

    expect(there.manager.attach(alice, id)).toBeUndefined();
    expect(await there.manager.resume(alice, id)).toMatchObject({ sessionId: id });
    expect(there.manager.attach(alice, id)).toBeTypeOf("function");
    await there.manager.revokeAll(alice);
    await here.manager.list(alice);

    expect(here.ended).toMatchObject([{ sessionId: id }]);
    expect(there.ended).toMatchObject([{ sessionId: id }]);
  });

  it("tell each of them of each session that ended exactly once, however slow the store is", async () => {
    const step = fc.record({
      do: fc.constantFrom("create", "resume", "get", "attach", "revoke", "revokeAll", "list"),
      node: fc.nat(1),
      which: fc.nat(6),
      turns: fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }),
      isAwaited: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const delays = steps.flatMap(({ turns }) => turns);
        let used = 0;
        const wire = (): number => delays[(used += 1) % Math.max(1, delays.length)] ?? 0;
        const store = distant(createMemorySessionStore(), wire);
        let made = 0;
        const createId = (): string => `id-${(made += 1)}`;
        const options = { idleMs: 1_000_000, maxAgeMs: 1_000_000, createId };
        await using first = new SessionManagerBench(options, store);
        await using second = new SessionManagerBench(options, store);
        const { alice } = first;
        const nodes = [first, second] as const;
        const known = [new Set<string>(), new Set<string>()] as const;
        const pending: Promise<unknown>[] = [];
        for (const { do: what, node, which, isAwaited } of steps) {
          const { manager } = nodes[node as 0 | 1];
          const id = `id-${which}`;
          const learn = (session: { sessionId: string } | undefined): void => {
            if (session !== undefined) known[node as 0 | 1].add(session.sessionId);
          };
          const work = play(manager, { what, alice, id, learn });
          pending.push(work);
          if (isAwaited) await work;
        }
        await Promise.all(pending);
        await Promise.all(nodes.map(({ manager }) => manager.list(alice)));

        const live = new Set(await first.ids(alice));
        expect(live.size).toBeLessThanOrEqual(3);
        for (const [i, { ended }] of nodes.entries()) {
          const over = [...known[i as 0 | 1]].filter((id) => !live.has(id));
          expect(ended.map(({ sessionId }) => sessionId).toSorted()).toEqual(over.toSorted());
        }
      }),
      { numRuns: 150 },
    );
  });
});

interface Play {
  readonly what: string;
  readonly alice: UserContext;
  readonly id: string;
  readonly learn: (session: { readonly sessionId: string } | undefined) => void;
}

async function play(
  manager: SessionManagerBench["manager"],
  { what, alice, id, learn }: Play,
): Promise<void> {
  if (what === "create") learn(await manager.create(alice));
  if (what === "resume") learn(await manager.resume(alice, id));
  if (what === "get") learn(await manager.get(alice, id));
  if (what === "revoke") await manager.revoke(alice, id);
  if (what === "revokeAll") await manager.revokeAll(alice);
  if (what === "list") await manager.list(alice);
  if (what === "attach") manager.attach(alice, id)?.();
}

describe("a store that is away", () => {
  it("lets nobody in, ends nobody's session, and is told of where nobody waits", async () => {
    const broken = new BrokenStore();
    await using bench = new SessionManagerBench({}, broken.store);
    const { manager, alice } = bench;
    const [id = ""] = await bench.begin(alice, 1);
    const ticket = (await manager.issueTicket(alice))?.ticket ?? "";
    const detach = manager.attach(alice, id);

    broken.fault = "fails";
    for (const question of [
      manager.create(alice),
      manager.resume(alice, id),
      manager.list(alice),
      manager.revoke(alice, id),
      manager.issueTicket(alice),
      manager.redeemTicket(ticket),
    ]) {
      await expect(question).rejects.toThrow("the store is away");
    }
    detach?.();
    await expect.poll(() => bench.told).toContain("session-store");

    expect(bench.ended).toEqual([]);
    broken.fault = "none";
    expect(await bench.ids(alice)).toEqual([id]);
    expect(await manager.redeemTicket(ticket)).toEqual({ user: alice });
  });

  it("that hangs is given up on in time, and the next question is heard", async () => {
    const broken = new BrokenStore();
    await using bench = new SessionManagerBench({ storeTimeoutMs: 20 }, broken.store);
    const { manager, alice } = bench;

    broken.fault = "hangs";
    await expect(manager.create(alice)).rejects.toThrow("within 20 ms");
    broken.fault = "none";

    expect(await manager.create(alice)).toBeDefined();
  });

  it("lets no more than a thousand questions about one user wait, and other users pass", async () => {
    const broken = new BrokenStore();
    await using bench = new SessionManagerBench({ storeTimeoutMs: 60_000 }, broken.store);
    const { manager, alice, bob } = bench;
    broken.fault = "hangs";
    for (let i = 0; i < 1000; i += 1) manager.list(alice).catch(() => {});

    await expect(manager.list(alice)).rejects.toMatchObject({ code: "WT_SESSION_STORE_BUSY" });
    broken.fault = "none";
    expect(await manager.list(bob)).toEqual([]);
    expect(await manager.redeemTicket("made.up")).toBeUndefined();
  });
});
