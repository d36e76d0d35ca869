import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createRequestContext } from "../../src/context/request-context.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { createMemoryRunQueue } from "../../src/drivers/memory/memory-run-queue.ts";
import type { Agent } from "../../src/execution/agent.ts";
import {
  type AgentExecutionRegistry,
  type AgentExecutionRegistryOptions,
  createAgentExecutionRegistry,
} from "../../src/execution/agent-execution-registry.ts";
import type { QueuePlace } from "../../src/execution/queue-places.ts";
import type { Run } from "../../src/execution/run.ts";
import type { RunQueue } from "../../src/execution/run-queue.ts";
import {
  createRunScheduler,
  type RunScheduler,
  type RunSchedulerOptions,
} from "../../src/execution/run-scheduler.ts";
import { createDeferred } from "../internal/deferred.ts";

/** Says that it runs, and ends. */
const quick: Agent = async function* () {
  yield { type: "CUSTOM", name: "runs", value: 1 };
};

/** Says that it runs, and waits. */
function waitFor(gate: Promise<void>): Agent {
  return async function* () {
    yield { type: "CUSTOM", name: "runs", value: 1 };
    await gate;
  };
}

/** A scheduler, registries of users that it gives turns to, and all that their sinks were told, in order. */
class SchedulerBench implements AsyncDisposable {
  readonly queue: RunQueue;
  readonly scheduler: RunScheduler;
  readonly told: string[] = [];
  readonly places: [string, QueuePlace][] = [];
  readonly errors: unknown[] = [];
  readonly gate = createDeferred();
  readonly #registries = new Map<string, AgentExecutionRegistry>();

  constructor(options: Partial<RunSchedulerOptions> = {}) {
    this.queue = options.queue ?? createMemoryRunQueue();
    const onError = (error: unknown): void => void this.errors.push(error);
    this.scheduler = createRunScheduler({ queue: this.queue, onError, ...options });
  }

  /** The registry of a user; its options count the first time. */
  registry(
    userId: string,
    options: Partial<AgentExecutionRegistryOptions> = {},
  ): AgentExecutionRegistry {
    const known = this.#registries.get(userId);
    if (known !== undefined) return known;
    const opening = createRequestContext(createUserContext({ userId }), {
      threadId: "user",
      runId: "user",
    });
    const registry = createAgentExecutionRegistry(opening, {
      sink: {
        begin: ({ runId }) => void this.told.push(`begin ${userId} ${runId}`),
        event: ({ runId }, { type }) => void this.told.push(`${type} ${userId} ${runId}`),
        queued: ({ runId }, place) => void this.places.push([`${userId} ${runId}`, place]),
        end: ({ runId }, _, { status }) => void this.told.push(`${status} ${userId} ${runId}`),
      },
      scheduler: this.scheduler,
      maxQueuedRuns: 100,
      onError: (error) => void this.errors.push(error),
      ...options,
    });
    this.#registries.set(userId, registry);
    return registry;
  }

  start(userId: string, runId: string, agent: Agent = waitFor(this.gate.promise)): Run {
    const registry = this.registry(userId);
    const ids = { threadId: "thread", runId };
    const request = createRequestContext(registry.user, ids);
    return registry.start(
      request,
      { name: "own", agent },
      { ...ids, messages: [], tools: [], context: [] },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate.resolve();
    for (const registry of this.#registries.values()) await registry.dispose();
    await this.scheduler.dispose();
    await this.queue[Symbol.asyncDispose]();
  }
}

const running = (bench: SchedulerBench): readonly string[] =>
  bench.told.filter((entry) => entry.startsWith("CUSTOM")).map((entry) => entry.slice(7));

describe("runs above a user's number", () => {
  it("wait instead of being refused, and go on in order when one ends", async () => {
    await using bench = new SchedulerBench();
    bench.registry("alice", { maxConcurrentRuns: 2 });
    const runs = ["1", "2", "3", "4"].map((runId) => bench.start("alice", runId));
    await expect.poll(() => running(bench)).toEqual(["alice 1", "alice 2"]);
    expect(runs.map(({ status }) => status)).toEqual(["running", "running", "queued", "queued"]);
    expect([bench.scheduler.running, bench.scheduler.waiting]).toEqual([2, 2]);

    runs[1]?.end({ status: "cancelled" });
    await expect.poll(() => running(bench).at(-1)).toBe("alice 3");

    expect(runs.map(({ status }) => status)).toEqual(["running", "cancelled", "running", "queued"]);
    bench.gate.resolve();
    await Promise.all(runs.map((run) => run.ended));
    await expect.poll(() => bench.scheduler.running).toBe(0);
  });

  it("are refused above the number that may wait, at n−1, n and n+1", async () => {
    await using bench = new SchedulerBench();
    bench.registry("alice", { maxConcurrentRuns: 1, maxQueuedRuns: 2 });
    const full = expect.objectContaining({ code: "WT_RUN_QUEUE_FULL" });
    for (const runId of ["1", "2", "3"]) bench.start("alice", runId);

    expect(() => bench.start("alice", "4")).toThrow(full);
    expect(bench.start("alice", "3").status).toBe("queued");
    bench.start("bob", "4");
    bench.registry("alice").cancel("2");
    bench.start("alice", "4");

    expect(() => bench.start("alice", "5")).toThrow(full);
  });

  it("are told their place, and that they moved up", async () => {
    await using bench = new SchedulerBench();
    bench.registry("alice", { maxConcurrentRuns: 1, placeEveryMs: 20 });
    const [first, , , last] = ["1", "2", "3", "4"].map((runId) => bench.start("alice", runId));
    await expect
      .poll(() => bench.places)
      .toEqual([
        ["alice 2", { position: 1, of: 3 }],
        ["alice 3", { position: 2, of: 3 }],
        ["alice 4", { position: 3, of: 3 }],
      ]);

    // Nobody moves up, so nobody is told.
    last?.end({ status: "cancelled" });
    await delay(60);
    first?.end({ status: "cancelled" });

    await expect.poll(() => bench.places.slice(3)).toEqual([["alice 3", { position: 1, of: 1 }]]);
  });

  it("that have their turn at once are told no place", async () => {
    await using bench = new SchedulerBench();

    await bench.start("alice", "1", quick).ended;
    await delay(20);

    expect(bench.places).toEqual([]);
  });

  it("are told so seldom that ten thousand cost little", async () => {
    await using bench = new SchedulerBench();
    bench.registry("alice", { maxConcurrentRuns: 1, maxQueuedRuns: 10_000, placeEveryMs: 10 });
    for (let i = 0; i < 10_000; i += 1) bench.start("alice", String(i), quick);

    await expect.poll(() => bench.registry("alice").list().length, { timeout: 25_000 }).toBe(0);

    // Once each, and the hundred in front now and then.
    expect(bench.places.length).toBeGreaterThanOrEqual(9999);
    expect(bench.places.length).toBeLessThan(200_000);
    expect(running(bench)).toHaveLength(10_000);
  }, 30_000);
});

describe("the wait for a turn", () => {
  it("counts neither in the run's time nor as silence", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 1 });
    const limits = { runTimeoutMs: 150, progressTimeoutMs: 100 };
    bench.registry("bob", limits);
    const first = bench.start("alice", "1");
    const second = bench.start("bob", "1", quick);
    await delay(250);
    expect(second.status).toBe("queued");

    first.end({ status: "cancelled" });

    expect(await second.ended).toEqual({ status: "finished" });
  });

  it("is over when the turn has come, however long the run takes then", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 1 });
    bench.registry("bob", { maxQueueWaitMs: 400 });
    const first = bench.start("alice", "1");
    const second = bench.start("bob", "1");
    await delay(50);
    first.end({ status: "cancelled" });
    await expect.poll(() => second.status).toBe("running");

    await delay(500);

    expect(second.status).toBe("running");
  });

  it("ends at its own limit and by a cancel, and then the agent never starts", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 1 });
    bench.registry("bob", { maxQueueWaitMs: 40 });
    bench.start("alice", "1");
    const [late, cancelled] = [bench.start("bob", "1"), bench.start("bob", "2")];
    bench.registry("bob").cancel("2");

    expect(await late.ended).toEqual({ status: "timed-out", afterMs: 40, inQueue: true });
    expect(await cancelled.ended).toEqual({ status: "cancelled" });
    bench.gate.resolve();
    await bench.start("bob", "3", quick).ended;

    expect(running(bench)).toEqual(["alice 1", "bob 3"]);
    expect(bench.told.filter((entry) => / bob [12]$/.test(entry))).toEqual([
      "begin bob 1",
      "begin bob 2",
      "cancelled bob 2",
      "timed-out bob 1",
    ]);
  });

  it("leaves no trace when its registry is disposed", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 1 });
    bench.start("alice", "1");
    for (const runId of ["1", "2", "3"]) bench.start("bob", runId);
    await expect.poll(() => bench.scheduler.waiting).toBe(3);

    await bench.registry("bob").dispose();
    await bench.registry("alice").dispose();

    await expect.poll(() => bench.scheduler.waiting + bench.scheduler.running).toBe(0);
    expect(await bench.queue.claim()).toBeUndefined();
    expect(running(bench)).toEqual(["alice 1"]);
  });
});

describe("fair shares", { timeout: 30_000 }, () => {
  it("a user with 10,000 queued runs delays another's first event by one turn, not more", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 1 });
    bench.registry("alice", { maxQueuedRuns: 10_000 });
    for (let i = 0; i < 10_000; i += 1) bench.start("alice", String(i), quick);
    await expect.poll(() => running(bench).length).toBeGreaterThan(5);

    const before = running(bench).length;
    const bob = bench.start("bob", "1", quick);
    await bob.ended;
    const after = running(bench);

    // The one that had its turn when bob came had perhaps not said so yet.
    expect(after.indexOf("bob 1") - before).toBeLessThanOrEqual(2);
    expect(bench.registry("alice").list().length).toBeGreaterThan(9000);
  });

  it("follow the users' weights", async () => {
    await using bench = new SchedulerBench({
      maxRunningRuns: 1,
      weightOf: ({ userId }) => (userId === "alice" ? 3 : 1),
    });
    for (let i = 0; i < 60; i += 1) bench.start("alice", String(i), quick);
    for (let i = 0; i < 60; i += 1) bench.start("bob", String(i), quick);

    await expect.poll(() => running(bench).length).toBeGreaterThan(40);

    const bobs = running(bench)
      .slice(0, 40)
      .filter((entry) => entry.startsWith("bob"));
    expect(bobs.length).toBeGreaterThanOrEqual(9);
    expect(bobs.length).toBeLessThanOrEqual(11);
  });

  it("hold the number of all runs at n−1, n and n+1", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 3 });
    for (const user of ["alice", "bob", "carol", "dave"]) bench.start(user, "1");

    await expect.poll(() => running(bench)).toHaveLength(3);
    await delay(20);
    expect(running(bench)).toHaveLength(3);
    bench.registry("bob").cancel("1");

    await expect.poll(() => running(bench)).toHaveLength(4);
  });

  it("are one for a user whose weight can't be had, and the operator hears of it", async () => {
    await using bench = new SchedulerBench({ weightOf: () => Number.NaN });

    expect(await bench.start("alice", "1", quick).ended).toEqual({ status: "finished" });
    expect(bench.errors).toMatchObject([{ code: "WT_OPTION_INVALID" }]);
  });
});

describe("a queue that fails", () => {
  it("to take a run ends that run, and the operator hears of it", async () => {
    const inner = createMemoryRunQueue();
    const queue: RunQueue = Object.assign(Object.create(inner) as RunQueue, {
      enqueue: () => Promise.reject(new Error("queue down")),
      follow: inner.follow.bind(inner),
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    });
    await using bench = new SchedulerBench({ queue });

    expect((await bench.start("alice", "1").ended).status).toBe("failed");
    expect(bench.errors).toMatchObject([{ message: "queue down" }]);
  });

  it("to be quick gives no turn to a run that left meanwhile, and keeps none", async () => {
    const inner = createMemoryRunQueue();
    const queue: RunQueue = Object.assign(Object.create(inner) as RunQueue, {
      enqueue: inner.enqueue.bind(inner),
      cancel: inner.cancel.bind(inner),
      release: inner.release.bind(inner),
      follow: inner.follow.bind(inner),
      claim: async () => {
        const claim = await inner.claim();
        await delay(30);
        return claim;
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    });
    await using bench = new SchedulerBench({ queue });
    bench.registry("alice", { maxConcurrentRuns: 1 });
    bench.start("alice", "1");
    await delay(10);
    bench.registry("alice").cancel("1");

    expect(await bench.start("alice", "2", quick).ended).toEqual({ status: "finished" });
    expect(running(bench)).toEqual(["alice 2"]);
  });

  it("to keep a lease ends the run as died, and the next one has its turn", async () => {
    const clock = { now: 0 };
    await using queue = createMemoryRunQueue({ leaseMs: 1000, now: () => clock.now });
    await using bench = new SchedulerBench({ queue, maxRunningRuns: 1, renewEveryMs: 30 });
    const run = bench.start("alice", "1");
    await expect.poll(() => running(bench)).toHaveLength(1);
    clock.now = 5000;
    // Somebody else looked first.
    expect(await queue.claim()).toBeUndefined();

    expect(await run.ended).toEqual({ status: "died", cause: "its turn was taken away" });
    expect(await bench.start("alice", "2", quick).ended).toEqual({ status: "finished" });
  });

  it("is asked to renew in time, though much time passes", async () => {
    const clock = { now: 0 };
    await using queue = createMemoryRunQueue({ leaseMs: 1000, now: () => clock.now });
    await using bench = new SchedulerBench({ queue, renewEveryMs: 20 });
    const run = bench.start("alice", "1");
    await expect.poll(() => running(bench)).toHaveLength(1);

    for (let i = 0; i < 6; i += 1) {
      await delay(60);
      clock.now += 900;
    }

    expect(run.status).toBe("running");
    expect(bench.errors).toEqual([]);
  });
});

describe("a scheduler", () => {
  it("that is disposed fails who waits, and gives no more turns", async () => {
    await using bench = new SchedulerBench({ maxRunningRuns: 1 });
    bench.start("alice", "1");
    const waiting = bench.start("bob", "1");
    await Promise.all([bench.scheduler.dispose(), bench.scheduler.dispose()]);

    const disposed = { status: "failed", error: { code: "WT_SCOPE_DISPOSED" } };
    expect(await waiting.ended).toMatchObject(disposed);
    expect(await bench.start("bob", "2").ended).toMatchObject(disposed);
  });

  it.each([{ maxRunningRuns: 0 }, { renewEveryMs: 0 }, { weightOf: 1 as never }])(
    "refuses %j",
    (options) => {
      const queue = createMemoryRunQueue();

      expect(() => createRunScheduler({ queue, ...options })).toThrow(Object.keys(options)[0]);
    },
  );

  it("is needed by a registry whose runs may wait", async () => {
    await using bench = new SchedulerBench();
    const { user } = bench.registry("alice");
    const opening = createRequestContext(user, { threadId: "user", runId: "user" });
    const sink = { begin: () => {}, event: () => {}, end: () => {} };

    expect(() => createAgentExecutionRegistry(opening, { sink, maxQueuedRuns: 1 })).toThrow(
      expect.objectContaining({ code: "WT_OPTION_INVALID" }),
    );
  });
});
