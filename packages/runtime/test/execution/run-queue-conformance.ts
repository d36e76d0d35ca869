import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import type { RunClaim, RunQueue } from "../../src/execution/run-queue.ts";

/** How the suite makes a queue: with a clock of its own and at least this room in each line. */
export type CreateQueue = (options: {
  readonly now: () => number;
  readonly leaseMs: number;
  readonly maxWaitingRuns: number;
}) => RunQueue;

const NAMES = ["alice", "bob", "carol", "dave"] as const;
const LEASE_MS = 1000;

/** A queue, its clock and short words for what the tests do. */
class QueueBench implements AsyncDisposable {
  readonly clock = { now: 0 };
  readonly queue: RunQueue;
  readonly users: ReadonlyMap<string, UserContext> = new Map(
    NAMES.map((userId) => [userId, createUserContext({ userId })]),
  );
  #lastId = 0;

  constructor(createQueue: CreateQueue, maxWaitingRuns = 1000) {
    this.queue = createQueue({ now: () => this.clock.now, leaseMs: LEASE_MS, maxWaitingRuns });
  }

  user(name: string): UserContext {
    return this.users.get(name) as UserContext;
  }

  async enqueue(name: string, { weight = 1, maxClaimed = 1000 } = {}): Promise<string> {
    this.#lastId += 1;
    const id = `${name}-${this.#lastId}`;
    await this.queue.enqueue({ user: this.user(name), id, weight, maxClaimed });
    return id;
  }

  async fill(name: string, runs: number, options: { weight?: number } = {}): Promise<void> {
    for (let i = 0; i < runs; i += 1) await this.enqueue(name, options);
  }

  async claims(count: number): Promise<readonly (string | undefined)[]> {
    const names = [];
    for (let i = 0; i < count; i += 1) names.push((await this.queue.claim())?.user.userId);
    return names;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.queue[Symbol.asyncDispose]();
  }
}

/** What every run queue promises. */
export function describeRunQueue(name: string, createQueue: CreateQueue): void {
  const benchOf = (maxWaitingRuns?: number): QueueBench =>
    new QueueBench(createQueue, maxWaitingRuns);

  describe(`${name}: turns`, () => {
    it("go to a user's runs in the order of their queueing, each once", async () => {
      await using bench = benchOf();
      const ids = [await bench.enqueue("alice"), await bench.enqueue("alice")];

      const claims = [await bench.queue.claim(), await bench.queue.claim()];

      expect(claims.map((claim) => claim?.id)).toEqual(ids);
      expect(await bench.queue.claim()).toBeUndefined();
    });

    it("go around the users, however many one has queued before the others came", async () => {
      await using bench = benchOf();
      await bench.fill("alice", 100);
      await bench.fill("bob", 2);
      await bench.fill("carol", 1);

      expect((await bench.claims(6)).join(" ")).toBe("alice bob carol alice bob alice");
    });

    it("go to users by their weight", async () => {
      await using bench = benchOf();
      await bench.fill("alice", 100, { weight: 3 });
      await bench.fill("bob", 100, { weight: 1 });

      const names = await bench.claims(40);

      expect(names.filter((who) => who === "alice")).toHaveLength(30);
      expect(names.filter((who) => who === "bob")).toHaveLength(10);
    });

    it("can't be saved up", async () => {
      await using bench = benchOf();
      await bench.fill("alice", 1, { weight: 5 });
      await bench.fill("bob", 5);
      await bench.claims(2);
      await bench.fill("alice", 8, { weight: 5 });

      const names = await bench.claims(8);

      expect(names.lastIndexOf("bob") - names.indexOf("bob")).toBeLessThanOrEqual(6);
      expect(names.slice(0, 7).filter((who) => who === "alice")).toHaveLength(5);
    });

    it("go to no user who has as many as allowed, and do again when one ends", async () => {
      await using bench = benchOf();
      for (let i = 0; i < 3; i += 1) await bench.enqueue("alice", { maxClaimed: 2 });
      const [first] = [await bench.queue.claim(), await bench.queue.claim()];
      expect(await bench.queue.claim()).toBeUndefined();

      expect(await bench.queue.release(first as RunClaim)).toBe(true);
      expect(await bench.queue.release(first as RunClaim)).toBe(false);

      expect((await bench.queue.claim())?.id).toBe("alice-3");
      expect(await bench.queue.claim()).toBeUndefined();
    });

    it("are had up to the last token of a budget, and from then on by others only", async () => {
      for (const [tokens, isHeld] of [
        [99, false],
        [100, true],
        [101, true],
      ] as const) {
        await using bench = benchOf();
        const spent = { budget: 100, windowMs: 500 };
        const going = await bench.enqueue("alice");
        const claim = await bench.queue.claim();
        expect(claim?.id).toBe(going);
        expect(await bench.queue.spend(bench.user("alice"), { ...spent, tokens: 90 })).toBe(0);
        bench.clock.now = 200;
        const answer = await bench.queue.spend(bench.user("alice"), {
          ...spent,
          tokens: tokens - 90,
        });
        await bench.fill("alice", 2);
        await bench.fill("bob", 1);

        expect(answer).toBe(isHeld ? 300 : 0);
        expect((await bench.claims(3)).join(" ")).toBe(isHeld ? "bob  " : "alice bob alice");
        // What goes on is left alone.
        expect(await bench.queue.renew([claim as RunClaim])).toEqual([]);
      }
    });

    it("are had again when the window ends, in the order of the queueing, and whoever asks hears of it", async () => {
      await using bench = benchOf();
      const spent = { tokens: 10, budget: 10, windowMs: 500 };
      const ids = [await bench.enqueue("alice"), await bench.enqueue("alice")];
      expect(await bench.queue.spend(bench.user("alice"), spent)).toBe(500);
      let calls = 0;
      const unfollow = bench.queue.follow(() => (calls += 1));
      bench.clock.now = 499;
      const late = { user: bench.user("alice"), id: "late", weight: 1, maxClaimed: 9 };
      expect(await bench.queue.enqueue(late)).toBe(1);
      expect(await bench.queue.claim()).toBeUndefined();
      expect(calls).toBe(0);

      bench.clock.now = 500;

      await expect.poll(() => calls, { timeout: 3000 }).toBeGreaterThan(0);
      unfollow();
      const claims = [await bench.queue.claim(), await bench.queue.claim()];
      expect(claims.map((claim) => claim?.id)).toEqual(ids);
      expect(await bench.queue.spend(bench.user("alice"), { ...spent, tokens: 9 })).toBe(0);
      expect((await bench.queue.claim())?.id).toBe("late");
    });

    it("are each user's by that user's own tokens, also of those who only spend", async () => {
      await using bench = benchOf();
      const spend = (name: string, windowMs: number) =>
        bench.queue.spend(bench.user(name), { tokens: 5, budget: 5, windowMs });
      expect([await spend("alice", 900), await spend("bob", 300)]).toEqual([900, 300]);
      await spend("carol", 600);
      for (const name of NAMES) await bench.fill(name, 1);

      const order: (string | undefined)[] = [];
      for (bench.clock.now = 0; bench.clock.now < 1000; bench.clock.now += 100) {
        for (const name of await bench.claims(4)) if (name !== undefined) order.push(name);
      }

      expect(order).toEqual(["dave", "bob", "carol", "alice"]);
    });

    it("are not given to a run that was cancelled", async () => {
      await using bench = benchOf();
      const [first, second] = [await bench.enqueue("alice"), await bench.enqueue("alice")];

      expect(await bench.queue.cancel(bench.user("alice"), first)).toBe(true);
      expect(await bench.queue.cancel(bench.user("alice"), first)).toBe(false);
      expect(await bench.queue.cancel(bench.user("bob"), second)).toBe(false);

      expect((await bench.queue.claim())?.id).toBe(second);
      expect(await bench.queue.cancel(bench.user("alice"), second)).toBe(false);
    });

    it("carry tokens that grow", async () => {
      await using bench = benchOf();
      await bench.fill("alice", 3);

      const tokens = [];
      for (let i = 0; i < 3; i += 1) tokens.push((await bench.queue.claim())?.token ?? Number.NaN);

      expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
      expect(new Set(tokens).size).toBe(3);
    });
  });

  describe(`${name}: a lease`, () => {
    it("that nobody renews runs out: the place is free, the run does not come again", async () => {
      await using bench = benchOf();
      await bench.enqueue("alice", { maxClaimed: 1 });
      const second = await bench.enqueue("alice", { maxClaimed: 1 });
      const claim = (await bench.queue.claim()) as RunClaim;
      bench.clock.now = LEASE_MS - 1;
      expect(await bench.queue.claim()).toBeUndefined();

      bench.clock.now = LEASE_MS;

      expect((await bench.queue.claim())?.id).toBe(second);
      expect(await bench.queue.renew([claim])).toEqual([claim]);
      expect(await bench.queue.release(claim)).toBe(false);
      expect(await bench.queue.claim()).toBeUndefined();
    });

    it("that is renewed begins anew", async () => {
      await using bench = benchOf();
      await bench.enqueue("alice", { maxClaimed: 1 });
      await bench.enqueue("alice", { maxClaimed: 1 });
      const claim = (await bench.queue.claim()) as RunClaim;
      bench.clock.now = LEASE_MS - 1;
      expect(await bench.queue.renew([claim])).toEqual([]);

      bench.clock.now = 2 * LEASE_MS - 2;
      expect(await bench.queue.claim()).toBeUndefined();
      bench.clock.now = 2 * LEASE_MS - 1;
      expect(await bench.queue.claim()).toBeDefined();
    });
  });

  describe(`${name}: a line`, () => {
    it("holds its limit at n−1, n and n+1, for each user alone", async () => {
      await using bench = benchOf(2);
      await bench.fill("alice", 2);

      await expect(bench.enqueue("alice")).rejects.toMatchObject({ code: "WT_RUN_QUEUE_FULL" });
      await bench.enqueue("bob");
      await bench.queue.claim();
      await bench.enqueue("alice");
      await expect(bench.enqueue("alice")).rejects.toMatchObject({ code: "WT_RUN_QUEUE_FULL" });
    });

    it("tells when a claim may succeed that did not, and nobody who left", async () => {
      await using bench = benchOf();
      const calls = { stays: 0, left: 0 };
      bench.queue.follow(() => void (calls.left += 1))();
      bench.queue.follow(() => void (calls.stays += 1));

      await bench.enqueue("alice", { maxClaimed: 1 });
      expect(calls.stays).toBeGreaterThan(0);
      const claim = (await bench.queue.claim()) as RunClaim;
      await bench.enqueue("alice", { maxClaimed: 1 });
      calls.stays = 0;
      await bench.queue.release(claim);

      expect(calls.stays).toBeGreaterThan(0);
      expect(calls.left).toBe(0);
    });

    it("takes nothing after the end", async () => {
      const bench = benchOf();
      await bench.queue[Symbol.asyncDispose]();

      await expect(bench.enqueue("alice")).rejects.toMatchObject({ code: "WT_SCOPE_DISPOSED" });
    });
  });

  describe(`${name}: under any arrivals`, () => {
    it("a user who waits sees no other have more than its weight between two turns", async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryPlay, async ({ users, steps }) => {
          await using bench = benchOf();
          const model = new Model(users);
          for (const step of steps) await model.play(bench, step);
          for (let i = 0; i < 200; i += 1) await model.play(bench, { do: "claim", who: 0 });
          expect(model.served).toBeGreaterThan(0);
        }),
        { numRuns: 150 },
      );
    });
  });
}

interface ModelUser {
  readonly weight: number;
  readonly maxClaimed: number;
}

interface Step {
  readonly do: "enqueue" | "claim" | "release" | "cancel";
  readonly who: number;
}

const arbitraryPlay = fc.record({
  users: fc.array(
    fc.record({
      weight: fc.integer({ min: 1, max: 4 }),
      maxClaimed: fc.integer({ min: 1, max: 6 }),
    }),
    { minLength: NAMES.length, maxLength: NAMES.length },
  ),
  steps: fc
    .array(
      fc.record({
        do: fc.constantFrom<Step["do"]>(
          "enqueue",
          "enqueue",
          "claim",
          "claim",
          "release",
          "cancel",
        ),
        who: fc.nat({ max: NAMES.length - 1 }),
      }),
      { minLength: 20, maxLength: 150 },
    )
    // Something is always served.
    .map((steps): Step[] => [{ do: "enqueue", who: 0 }, ...steps]),
});

/** What waits, what has its turn, and how often others were served while each user waited. */
class Model {
  served = 0;
  readonly #users: readonly ModelUser[];
  readonly #waiting: readonly string[][] = NAMES.map(() => []);
  readonly #claimed: readonly RunClaim[][] = NAMES.map(() => []);
  /** For each user: how often each other was served since the user's last turn, or since it waits. */
  readonly #seen: readonly number[][] = NAMES.map(() => NAMES.map(() => 0));

  constructor(users: readonly ModelUser[]) {
    this.#users = users;
  }

  async play(bench: QueueBench, { do: what, who }: Step): Promise<void> {
    const before = NAMES.map((_, user) => this.#isReady(user));
    const name = NAMES[who] ?? "alice";
    if (what === "enqueue") {
      this.#waiting[who]?.push(await bench.enqueue(name, this.#users[who]));
    } else if (what === "claim") {
      this.#check(await bench.queue.claim(), before);
    } else if (what === "release") {
      const claim = this.#claimed[who]?.shift();
      if (claim !== undefined) expect(await bench.queue.release(claim)).toBe(true);
    } else {
      const id = this.#waiting[who]?.pop();
      if (id !== undefined) expect(await bench.queue.cancel(bench.user(name), id)).toBe(true);
    }
    for (const user of NAMES.keys()) {
      if (before[user] !== this.#isReady(user)) this.#seen[user]?.fill(0);
    }
  }

  #isReady(user: number): boolean {
    const isFree = (this.#claimed[user]?.length ?? 0) < (this.#users[user]?.maxClaimed ?? 0);
    return isFree && (this.#waiting[user]?.length ?? 0) > 0;
  }

  #check(claim: RunClaim | undefined, ready: readonly boolean[]): void {
    // Nobody waits in vain.
    expect(claim !== undefined).toBe(ready.includes(true));
    if (claim === undefined) return;
    const served = NAMES.findIndex((name) => name === claim.user.userId);
    this.served += 1;
    expect(ready[served]).toBe(true);
    expect(this.#waiting[served]?.shift()).toBe(claim.id);
    this.#claimed[served]?.push(claim);
    for (const user of NAMES.keys()) {
      const seen = this.#seen[user] ?? [];
      if (user === served) seen.fill(0);
      else if (ready[user] === true) seen[served] = (seen[served] ?? 0) + 1;
      expect(seen[served]).toBeLessThanOrEqual(this.#users[served]?.weight ?? 0);
    }
  }
}
