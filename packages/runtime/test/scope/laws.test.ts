import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Container, createContainer } from "../../src/scope/container.ts";
import { LIFETIMES, type Lifetime, mayHold } from "../../src/scope/lifetime.ts";
import type { Scope } from "../../src/scope/scope.ts";
import { createDeferred } from "../internal/deferred.ts";
import { forcedCollection, furnishedRuns, retainedBytes } from "./scope-bench.ts";
import { createApp, openUser, thrownBy, type Untyped } from "./scope-trees.ts";

type AnyContainer = Container<Record<string, never>>;

const lifetime = fc.constantFrom(...LIFETIMES);

/** Adds without types, as the graphs are made up by chance. */
function add(
  container: unknown,
  life: Lifetime,
  name: string,
  create: (dependencies: Untyped) => unknown,
): AnyContainer {
  return (container as AnyContainer).add(life, name as never, create as never) as AnyContainer;
}

function lookUp(container: AnyContainer, scope: Scope, name: string): unknown {
  return (container.in(scope) as Untyped)[name];
}

/** All objects that `root` leads to by properties. */
function reachable(root: unknown): Set<object> {
  const found = new Set<object>();
  const pending = [root];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || found.has(next)) continue;
    found.add(next);
    pending.push(
      ...Reflect.ownKeys(next).map((key) => (next as Record<PropertyKey, unknown>)[key]),
    );
  }
  return found;
}

function sharedMutables(one: unknown, other: unknown): object[] {
  const ofOther = reachable(other);
  return [...reachable(one)].filter((found) => ofOther.has(found) && !Object.isFrozen(found));
}

describe("two calls of a factory", () => {
  const graph = fc.array(
    fc.record({
      life: lifetime,
      needs: fc.array(fc.nat(9)),
      data: fc.object({ maxDepth: 1, maxKeys: 3 }),
    }),
    {
      minLength: 1,
      maxLength: 10,
    },
  );

  it("share no mutable state that can be reached from what they make", () => {
    fc.assert(
      fc.property(graph, (providers) => {
        let container = createContainer() as unknown as AnyContainer;
        for (const [index, { life, needs, data }] of providers.entries()) {
          const names = needs.filter((need) => need < index && isHeld(life, providers[need]?.life));
          container = add(container, life, `n${index}`, (dependencies) => ({
            data: structuredClone(data),
            needs: names.map((need) => dependencies[`n${need}`]),
            context: life === "app" ? undefined : dependencies["user"],
          }));
        }
        const everything = (tree: ReturnType<typeof openUser>): unknown[] =>
          providers.map(({ life }, index) => {
            const scope = life === "connection" ? tree.connection : tree.run;
            return lookUp(container, scope, `n${index}`);
          });
        const app = createApp(container);
        const trees = [
          openUser(app, "alice"),
          openUser(app, "bob"),
          openUser(createApp(container), "alice"),
        ];
        const [alice, bob, elsewhere] = trees.map(everything);

        expect(sharedMutables(alice, bob)).toEqual([]);
        expect(sharedMutables(alice, elsewhere)).toEqual([]);
        expect(sharedMutables(alice, alice).length).toBeGreaterThan(0);
      }),
    );
  });

  it("would be seen to share something if they did", () => {
    const list: string[] = [];
    const container = createContainer().add("user", "cart", () => ({ nested: { list } }));
    const app = createApp(container);
    const [alice, bob] = ["alice", "bob"].map((id) => container.in(openUser(app, id).run).cart);

    expect(sharedMutables(alice, bob)).toEqual([list]);
  });
});

function isHeld(holder: Lifetime, held: Lifetime | undefined): boolean {
  return held !== undefined && mayHold(holder, held);
}

/** A scope of the model: what is known of it without looking into it. */
interface Node {
  readonly scope: Scope;
  readonly parent: Node | undefined;
  readonly values: Map<string, unknown>;
  readonly made: unknown[];
  isDisposed: boolean;
}

class Model {
  readonly disposed: unknown[] = [];
  readonly container: AnyContainer;
  readonly nodes: Node[];

  constructor() {
    let container = createContainer() as unknown as AnyContainer;
    for (const life of LIFETIMES) {
      container = add(container, life, `own_${life}`, () => this.#thing());
      container = add(container, life, `late_${life}`, async () => {
        await Promise.resolve();
        return this.#thing();
      });
    }
    this.container = container;
    this.nodes = [];
    this.#enter(createApp(container), undefined);
  }

  #thing(): object {
    const thing = Object.freeze({
      [Symbol.asyncDispose]: async () => void this.disposed.push(thing),
    });
    return thing;
  }

  #enter(scope: Scope, parent: Node | undefined): void {
    this.nodes.push({ scope, parent, values: new Map(), made: [], isDisposed: false });
  }

  node(index: number): Node {
    return this.nodes[index % this.nodes.length] as Node;
  }

  /** A new scope in that one: a user with its session, or a connection and a run in a session. */
  create(index: number): void {
    const parent = this.node(index);
    const { scope } = parent;
    if (parent.isDisposed) {
      expect(thrownBy(() => scope.createChild("session", "s"))).toMatchObject({
        code: "WT_SCOPE_DISPOSED",
      });
    } else if (scope.lifetime === "app") {
      const tree = openUser(scope as Scope<"app">, `user-${this.nodes.length}`);
      this.#enter(tree.user, parent);
      const user = this.nodes.at(-1);
      this.#enter(tree.session, user);
      const session = this.nodes.at(-1);
      this.#enter(tree.run, session);
      this.#enter(tree.connection, session);
    } else if (scope.lifetime === "user") {
      this.#enter(scope.createChild("session", "another"), parent);
    } else if (scope.lifetime === "session") {
      this.#enter(scope.createChild("connection", "another"), parent);
    }
  }

  async resolve(index: number, name: string, life: Lifetime): Promise<void> {
    const node = this.node(index);
    const look = async (): Promise<unknown> => lookUp(this.container, node.scope, name);
    if (node.isDisposed) {
      return expect(look()).rejects.toMatchObject({ code: "WT_SCOPE_DISPOSED" });
    }
    if (!mayHold(node.scope.lifetime, life)) {
      return expect(look()).rejects.toMatchObject({ code: "WT_PROVIDER_CAPTIVE" });
    }
    let owner: Node | undefined = node;
    while (owner !== undefined && owner.scope.lifetime !== life) owner = owner.parent;
    const value = await look();
    if (owner?.values.has(name) === true) {
      expect(value).toBe(owner.values.get(name));
      return;
    }
    for (const other of this.nodes) expect(other.made).not.toContain(value);
    owner?.values.set(name, value);
    owner?.made.push(value);
  }

  async dispose(index: number): Promise<void> {
    const node = this.node(index);
    const within = this.nodes.filter((other) => isWithin(other, node) && !other.isDisposed);
    for (const other of within) other.isDisposed = true;
    const before = this.disposed.length;
    await node.scope.dispose();

    const now = this.disposed.slice(before);
    expect(new Set(now)).toEqual(new Set(within.flatMap(({ made }) => made)));
    expect(now).toHaveLength(new Set(now).size);
    for (const { made, parent } of within) {
      expect(now.filter((value) => made.includes(value))).toEqual([...made].reverse());
      const places = (values: readonly unknown[]) => values.map((value) => now.indexOf(value));
      const outer = places(parent?.made ?? []).filter((place) => place >= 0);
      expect(Math.max(-1, ...places(made))).toBeLessThan(Math.min(Infinity, ...outer));
    }
  }
}

function isWithin(node: Node, outer: Node): boolean {
  return node === outer || (node.parent !== undefined && isWithin(node.parent, outer));
}

describe("two look-ups", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ act: fc.constant("create"), index: fc.nat(30) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        act: fc.constantFrom("own", "late"),
        index: fc.nat(30),
        life: lifetime,
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("dispose"), index: fc.nat(30) }) },
  );

  it("in one scope give one instance, in two give two, and its end disposes of exactly what it made", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const model = new Model();
        model.create(0);
        model.create(0);
        for (const { act, index, ...rest } of steps) {
          if (act === "create") model.create(index);
          else if (act === "dispose") await model.dispose(index);
          else if ("life" in rest) await model.resolve(index, `${act}_${rest.life}`, rest.life);
        }
        await model.dispose(0);
        expect(model.nodes.every(({ scope }) => scope.isDisposed && scope.childCount === 0)).toBe(
          true,
        );
      }),
    );
  });
});

describe("a longer life", () => {
  interface Drawn {
    readonly life: Lifetime;
    readonly needs: readonly number[];
  }

  /** What comes of asking for that provider: the path of the first captive or circle, or nothing. */
  function verdict(
    graph: readonly Drawn[],
    index: number,
    path: readonly number[],
  ): string | undefined {
    const { life, needs } = graph[index] as Drawn;
    const label = (node: number) => `${graph[node]?.life}:n${node}`;
    for (const need of needs) {
      const way = [...path, index, need];
      if (!mayHold(life, graph[need]?.life ?? "run")) {
        return `WT_PROVIDER_CAPTIVE: ${way.map(label).join(" → ")}.`;
      }
      const start = way.indexOf(need);
      if (start < way.length - 1) {
        return `WT_PROVIDER_CYCLE got ${way.slice(start).map(label).join(" → ")}.`;
      }
      const deeper = verdict(graph, need, [...path, index]);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  }

  const graphs = fc.integer({ min: 2, max: 8 }).chain((size) =>
    fc.array(fc.record({ life: lifetime, needs: fc.array(fc.nat(size - 1), { maxLength: 2 }) }), {
      minLength: size,
      maxLength: size,
    }),
  );

  it("holds nothing of a shorter one, in whatever graph of providers, and the path says why", () => {
    const counts = { fine: 0, WT_PROVIDER_CAPTIVE: 0, WT_PROVIDER_CYCLE: 0 };
    fc.assert(
      fc.property(graphs, (graph) => {
        let container = createContainer() as unknown as AnyContainer;
        for (const [index, { life, needs }] of graph.entries()) {
          container = add(container, life, `n${index}`, (dependencies) => ({
            held: needs.map((need) => dependencies[`n${need}`]),
          }));
        }
        const app = createApp(container);
        for (const [index, { life }] of graph.entries()) {
          const tree = { app, ...openUser(app, `user-${index}`) };
          const expected = verdict(graph, index, []);
          const thrown = thrownBy(() => lookUp(container, tree[life], `n${index}`));
          if (expected === undefined) {
            expect(thrown).toBeUndefined();
            counts.fine += 1;
            continue;
          }
          const [code = "", text = ""] = expected.split(/(?<=^\w+):? /);
          expect(thrown).toMatchObject({ code, message: expect.stringContaining(text) as unknown });
          counts[code as keyof typeof counts] += 1;
        }
      }),
      { numRuns: 300 },
    );
    for (const [outcome, count] of Object.entries(counts))
      expect(count, outcome).toBeGreaterThan(30);
  });

  it("finds nothing of a shorter one later either, whoever was the first to ask", () => {
    fc.assert(
      fc.property(lifetime, lifetime, (holder, held) => {
        const container = add(
          add(createContainer(), held, "held", () => ({ held: true })),
          holder,
          "holder",
          (dependencies) => ({ late: () => dependencies["held"] }),
        );
        const app = createApp(container);
        for (const userId of ["alice", "bob"]) {
          const tree = { app, ...openUser(app, userId) };
          const { late } = lookUp(container, tree[holder], "holder") as { late: () => unknown };
          const own = thrownBy(() => lookUp(container, tree[held], "held"));
          expect(own).toBeUndefined();
          if (mayHold(holder, held)) expect(late()).toBe(lookUp(container, tree[held], "held"));
          else expect(thrownBy(late)).toMatchObject({ code: "WT_PROVIDER_CAPTIVE" });
        }
      }),
    );
  });
});

describe("a disposed scope", () => {
  class Thing {
    readonly later: () => unknown;
    constructor(later: () => unknown) {
      this.later = later;
    }
    async [Symbol.asyncDispose](): Promise<void> {}
  }
  const container = createContainer()
    .add("app", "clock", () => new Thing(() => 1))
    .add("user", "cart", (dependencies) => new Thing(() => dependencies.clock))
    .add("user", "promised", async (dependencies) => new Thing(() => dependencies.cart))
    .add("run", "budget", (dependencies) => new Thing(() => dependencies.cart))
    .add("run", "tools", async ({ budget }) => new Thing(() => budget));

  async function collected(refs: readonly WeakRef<object>[]): Promise<number> {
    const collect = forcedCollection();
    for (let round = 0; round < 5; round += 1) {
      await new Promise(setImmediate);
      collect();
    }
    return refs.filter((ref) => ref.deref() === undefined).length;
  }

  /** Opens a user, looks everything up, ends what it is told to, and keeps nothing. */
  async function visit(
    app: Scope<"app">,
    end: (tree: ReturnType<typeof openUser>) => Promise<void>,
  ): Promise<{ readonly user: WeakRef<object>[]; readonly run: WeakRef<object>[] }> {
    const tree = openUser(app, "visitor");
    // The cart is first made for the budget, which asks for it later.
    container.in(tree.run).budget.later();
    const { budget, tools, cart, promised } = container.in(tree.run);
    const refs = {
      user: [tree.user, tree.session, cart, await promised].map(
        (held) => new WeakRef<object>(held),
      ),
      run: [tree.run, budget, await tools, container.in(tree.run)].map(
        (held) => new WeakRef<object>(held),
      ),
    };
    await end(tree);
    return refs;
  }

  it("can be collected with all that was made in it, though all around it lives on", async () => {
    const app = createApp(container);
    const staying: unknown[] = [];
    const gone = await visit(app, ({ user }) => user.dispose());
    const left = await visit(app, async ({ run, user, session }) => {
      staying.push(user, session);
      await run.dispose();
    });
    const alive = await visit(app, async () => {});

    expect(await collected([...gone.user, ...gone.run])).toBe(8);
    expect(await collected(left.run)).toBe(4);
    // The control: what lives is kept, by the scope around it alone.
    expect(await collected([...left.user, ...alive.user, ...alive.run])).toBe(0);
    expect(staying).toHaveLength(2);
    expect(app.childCount).toBe(2);
  });

  it("is let go by what lives longer, even if that was first made for it", async () => {
    const app = createApp(container);
    const kept: Thing[] = [];
    const { run } = await visit(app, async (tree) => {
      kept.push(container.in(tree.run).cart);
      await tree.run.dispose();
    });

    expect(await collected(run)).toBe(4);
    expect(kept[0]?.later()).toBeInstanceOf(Thing);
  });

  it("keeps nothing that was made in it, though somebody keeps the scope and what it asked with", async () => {
    const app = createApp(container);
    const kept: object[] = [];
    const refs: WeakRef<object>[] = [];
    await visit(app, async ({ user, run }) => {
      kept.push(user, run, container.in(user), container.in(run));
      const { cart, budget } = container.in(run);
      refs.push(new WeakRef(cart), new WeakRef(budget), new WeakRef(container.in(run).request));
      refs.push(new WeakRef(container.in(user).user));
      await user.dispose();
    });

    expect(await collected(refs)).toBe(4);
    expect(kept).toHaveLength(4);
  });

  it("leaves every table and timer as it found them", async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const app = createApp(container);
    const before = { timers: timers(), children: app.childCount };

    const trees = Array.from({ length: 50 }, (_, index) => openUser(app, `user-${index}`));
    await Promise.all(trees.map(({ run }) => container.in(run).tools));
    const disposals = trees.map(({ user }) => user.dispose());
    expect(app.childCount).toBe(50);
    await Promise.all(disposals);

    expect({ timers: timers(), children: app.childCount }).toEqual(before);
    for (const { user, session } of trees)
      expect([user.childCount, session.childCount]).toEqual([0, 0]);
  });
});

describe("a disposal", () => {
  const TIMEOUT_MS = 5;
  const behaviour = fc.constantFrom(
    "returns",
    "waits",
    "throws",
    "rejects",
    "hangs",
    "ends itself",
    "ends all",
  );
  const place = fc.record({ at: lifetime, how: behaviour, isProvided: fc.boolean() });

  it("finishes, having called everyone once, whatever they do and however often it is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 8 }), lifetime, async (places, first) => {
        const called: number[] = [];
        let container = createContainer() as unknown as AnyContainer;
        for (const [index, { at }] of places.entries()) {
          container = add(container, at, `n${index}`, () => ({
            [Symbol.asyncDispose]: () => act(index),
          }));
        }
        const app = createApp(container, TIMEOUT_MS);
        const tree = { app, ...openUser(app, "alice") };
        const act = (index: number): Promise<void> | void => {
          called.push(index);
          const { at, how } = places[index] as (typeof places)[number];
          if (how === "throws") throw new Error("thrown");
          if (how === "rejects") return Promise.reject(new Error("rejected"));
          if (how === "waits") return new Promise((resolve) => setImmediate(resolve));
          if (how === "hangs") return new Promise(() => {});
          if (how === "ends itself") return tree[at].dispose();
          if (how === "ends all") return app.dispose();
        };
        for (const [index, { at, isProvided }] of places.entries()) {
          if (isProvided) lookUp(container, tree[at], `n${index}`);
          else tree[at].defer(() => act(index));
        }

        const ended = Promise.allSettled([
          tree[first].dispose(),
          tree[first].dispose(),
          app.dispose(),
          new Promise((resolve) => {
            setImmediate(() => resolve(tree[first].dispose().catch(() => {})));
          }),
        ]);
        const late = createDeferred<string>();
        const watchdog = setTimeout(() => late.resolve("late"), 2000);
        expect(await Promise.race([ended, late.promise])).not.toBe("late");
        clearTimeout(watchdog);

        expect(called.toSorted((a, b) => a - b)).toEqual([...places.keys()]);
        const fine = places.every(({ how }) => how === "returns" || how === "waits");
        const failure = await app.dispose().catch((error: unknown) => error);
        expect(failure === undefined).toBe(fine);
      }),
      { numRuns: 40 },
    );
  }, 20_000);
});

describe("a run's scope", () => {
  it("with three things in it costs less than 2 KB while it lives", () => {
    const bytes = retainedBytes(furnishedRuns(), 5000);
    expect(bytes).toBeGreaterThan(200);
    expect(bytes).toBeLessThan(2048);
  });
});
