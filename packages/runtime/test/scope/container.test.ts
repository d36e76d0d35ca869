import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createRequestContext } from "../../src/context/request-context.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { type Container, createContainer } from "../../src/scope/container.ts";
import { createAppScope } from "../../src/scope/scope.ts";
import { createDeferred } from "../internal/deferred.ts";
import { createApp, openUser, type Untyped } from "./scope-trees.ts";

const code = (name: string, text = ""): unknown =>
  expect.objectContaining({ code: name, message: expect.stringContaining(text) as unknown });

class Cart {
  readonly owner: string;
  readonly items: string[] = [];
  constructor(owner: string) {
    this.owner = owner;
  }
}

describe("a container", () => {
  it("gives each scope one instance, made when it is first asked for", () => {
    let made = 0;
    const container = createContainer().add("user", "cart", ({ user }) => {
      made += 1;
      return new Cart(user.userId);
    });
    const app = createApp(container);
    const [alice, bob] = [openUser(app, "alice"), openUser(app, "bob")];

    expect(made).toBe(0);
    const cart = container.in(alice.run).cart;
    expect(made).toBe(1);
    expect(container.in(alice.user).cart).toBe(cart);
    expect(container.in(alice.connection).cart).toBe(cart);
    expect(container.in(bob.run).cart).not.toBe(cart);
    expect(container.in(bob.run).cart.owner).toBe("bob");
    expect(made).toBe(2);
  });

  it("gives providers the user from the user's scope inwards, and the request within a run", () => {
    const container = createContainer()
      .add("user", "greeting", ({ user }) => `Hello ${user.userId}`)
      .add("run", "title", ({ request, greeting }) => `${greeting}: ${request.runId}`);
    const { run, context, request } = openUser(createApp(container), "alice");

    expect(container.in(run).title).toBe("Hello alice: run");
    expect(container.in(run).user).toBe(context);
    expect(container.in(run).request).toBe(request);
  });

  it("is a definition: adding to one changes no other, and it can't be changed", () => {
    const base = createContainer();
    const one = base.add("app", "value", () => 1);
    const two = base.add("app", "value", () => 2);

    expect(one.in(createApp(one)).value).toBe(1);
    expect(two.in(createApp(two)).value).toBe(2);
    expect(Object.isFrozen(one)).toBe(true);
    expect(base.providers.list().map(({ name }) => name)).toEqual(["user", "request"]);
    expect(() => Object.assign(one.providers, { find: () => undefined })).toThrow(TypeError);
  });

  it.each(["", "a b", "1st", "then", "toString", "constructor", "__proto__", "user", "request"])(
    "refuses `%s` as a name",
    (name) => {
      const add = () => createContainer().add("app", name as "fine", () => 1);
      expect(add).toThrow(code("WT_OPTION_INVALID", name));
    },
  );

  it("refuses a name twice, a lifetime that isn't one, and a provider that is no function", () => {
    const container = createContainer().add("app", "clock", () => 1);

    expect(() => container.add("app", "clock" as "other", () => 1)).toThrow(
      code("WT_OPTION_INVALID", "clock"),
    );
    expect(() => container.add("request" as "run", "other", () => 1)).toThrow(
      code("WT_OPTION_INVALID", "request"),
    );
    expect(() => container.add("app", "other", 1 as never)).toThrow(code("WT_OPTION_INVALID"));
  });

  it("works only in scopes of a tree that was made with it", () => {
    const container = createContainer().add("app", "value", () => 1);
    const other = createContainer().add("app", "value", () => 2);

    expect(() => container.in(createAppScope())).toThrow(code("WT_OPTION_INVALID", "without"));
    expect(() => container.in(createApp(other))).toThrow(code("WT_OPTION_INVALID", "another"));
    expect(() => createAppScope({ container: { providers: {} } as Container })).toThrow(
      code("WT_OPTION_INVALID", "container"),
    );
  });

  it("asks a user's scope for the user, and a run's for a request of that user", () => {
    const app = createApp(createContainer());
    const alice = openUser(app, "alice");
    const bob = createUserContext({ userId: "bob" });
    const request = createRequestContext(bob, { threadId: "thread", runId: "run" });

    expect(() => app.createChild("user", "bob")).toThrow(code("WT_OPTION_INVALID", "UserContext"));
    expect(() => alice.session.createChild("run", "2")).toThrow(code("WT_OPTION_INVALID"));
    expect(() => alice.session.createChild("run", "2", request)).toThrow(code("WT_OWNER_MISMATCH"));
    expect(() => app.createChild("user", "bob", Object.assign({}, bob))).toThrow(
      code("WT_CONTEXT_FORGED"),
    );
    expect(() => alice.session.createChild("run", "2", Object.assign({}, request))).toThrow(
      code("WT_CONTEXT_FORGED"),
    );
    expect(alice.session.childCount).toBe(2);
  });

  it("makes anew what could not be made", async () => {
    let attempts = 0;
    const fail = (): string => {
      attempts += 1;
      if (attempts < 2) throw new Error("not yet");
      return "made";
    };
    const container = createContainer()
      .add("user", "value", fail)
      .add("session", "later", async ({ value }) => {
        await Promise.resolve();
        attempts += 1;
        if (attempts < 4) throw new Error("not yet");
        return `${value} later`;
      });
    const { session, user } = openUser(createApp(container), "alice");

    expect(() => container.in(user).value).toThrow("not yet");
    expect(container.in(user).value).toBe("made");
    await expect(container.in(session).later).rejects.toThrow("not yet");
    await expect(container.in(session).later).resolves.toBe("made later");
  });
});

describe("what providers ask for", () => {
  it("is found by name, and a name that isn't there is refused with the nearest that is", () => {
    const container = createContainer()
      .add("user", "cart", ({ user }) => new Cart(user.userId))
      .add("session", "page", (dependencies) => (dependencies as unknown as Untyped)["crat"]);
    const { session } = openUser(createApp(container), "alice");
    const dependencies = container.in(session) as unknown as Untyped;

    expect(() => dependencies["page"]).toThrow(
      code("WT_PROVIDER_UNKNOWN", "session:page asked for `crat`. Did you mean `cart`?"),
    );
    expect(() => dependencies["Cart"]).toThrow(
      code("WT_PROVIDER_UNKNOWN", "the session scope asked for `Cart`. Did you mean `cart`?"),
    );
    const unlike = () => dependencies["somethingElse"];
    expect(unlike).toThrow(code("WT_PROVIDER_UNKNOWN", "`somethingElse`. Add it"));
    for (const name of ["constructor", "__proto__", "hasOwnProperty"]) {
      expect(dependencies[name], name).toBeUndefined();
    }
  });

  it("can be awaited, printed and compared without a look-up, and not be written to", async () => {
    let made = 0;
    const container = createContainer().add("app", "value", () => (made += 1));
    const dependencies = container.in(createApp(container));

    expect(await Promise.resolve(dependencies)).toBe(dependencies);
    expect(JSON.stringify(dependencies)).toBe("{}");
    expect(inspect(dependencies)).not.toContain("value");
    expect({ ...dependencies }).toEqual({});
    expect("value" in dependencies).toBe(false);
    for (const write of [
      () => Object.assign(dependencies, { value: 2 }),
      () => Object.defineProperty(dependencies, "value", { value: 2 }),
      () => Object.setPrototypeOf(dependencies, { value: 2 }) as unknown,
      () => Object.freeze(dependencies),
      () => delete (dependencies as { value?: number }).value,
    ]) {
      expect(write).toThrow(TypeError);
    }
    expect(made).toBe(0);
    expect(dependencies.value).toBe(1);
  });

  it("may be read later, from the scope that the asker lives in", () => {
    const container = createContainer()
      .add("app", "clock", () => ({ name: "the clock" }))
      .add("user", "cart", (dependencies) => ({
        owner: () => dependencies.user.userId,
        clock: () => dependencies.clock,
      }));
    const app = createApp(container);
    const [alice, bob] = ["alice", "bob"].map((id) => container.in(openUser(app, id).run).cart);

    expect([alice?.owner(), bob?.owner()]).toEqual(["alice", "bob"]);
    expect(alice?.clock()).toBe(bob?.clock());
  });
});

describe("providers in a circle", () => {
  const asks =
    (name: string) =>
    (dependencies: object): unknown =>
      (dependencies as Untyped)[name];

  it("are refused with the path, and can't be made later either", () => {
    const container = createContainer()
      .add("user", "first", asks("second"))
      .add("user", "second", asks("third"))
      .add("user", "third", asks("second"));
    const { user } = openUser(createApp(container), "alice");

    for (const attempt of [1, 2]) {
      expect(() => container.in(user).first, `attempt ${attempt}`).toThrow(
        code("WT_PROVIDER_CYCLE", "user:second → user:third → user:second"),
      );
    }
  });

  it("are refused if one asks for itself", () => {
    const container = createContainer().add("app", "self", asks("self"));
    expect(() => container.in(createApp(container)).self).toThrow(
      code("WT_PROVIDER_CYCLE", "app:self → app:self"),
    );
  });

  const later =
    (name: string) =>
    async (dependencies: object): Promise<unknown> => {
      await Promise.resolve();
      return [await (dependencies as Untyped)[name]];
    };

  it("are refused if they would wait for each other for ever", async () => {
    const container = createContainer()
      .add("user", "first", later("second"))
      .add("user", "second", later("third"))
      .add("user", "third", later("first"))
      .add("user", "fourth", later("first"));
    const { user } = openUser(createApp(container), "alice");

    const found = container.in(user);
    await expect(Promise.all([found.fourth, found.first])).rejects.toThrow(
      code("WT_PROVIDER_CYCLE", "user:first → user:second → user:third → user:first"),
    );
  });

  it("are refused if they come to wait for each other when both are on their way", async () => {
    const gates = { first: createDeferred(), second: createDeferred() };
    const waits = (own: "first" | "second", other: string) => async (dependencies: object) => {
      await gates[own].promise;
      return [await (dependencies as Untyped)[other]];
    };
    const container = createContainer()
      .add("user", "first", waits("first", "second"))
      .add("user", "second", waits("second", "first"));
    const { user } = openUser(createApp(container), "alice");
    const both = Promise.all([container.in(user).first, container.in(user).second]);

    gates.first.resolve();
    await new Promise(setImmediate);
    gates.second.resolve();
    await expect(both).rejects.toThrow(
      code("WT_PROVIDER_CYCLE", "user:first → user:second → user:first"),
    );
  });

  it("are refused if one of them waits only by way of one that does not wait", async () => {
    const container = createContainer()
      .add("user", "first", async (dependencies) => {
        const { second } = dependencies as unknown as Untyped;
        return [await second];
      })
      .add("user", "second", later("third"))
      .add("user", "third", asks("first"));
    const { user } = openUser(createApp(container), "alice");

    await expect(container.in(user).first).rejects.toThrow(code("WT_PROVIDER_CYCLE", "user:third"));
  });

  it("are no circle if they only wait for the same", async () => {
    const container = createContainer()
      .add("user", "base", async () => Promise.resolve(["base"]))
      .add("user", "left", later("base"))
      .add("user", "right", later("base"))
      .add("user", "top", async ({ left, right }) => Promise.all([left, right]));
    const { user } = openUser(createApp(container), "alice");

    await expect(container.in(user).top).resolves.toEqual([[["base"]], [["base"]]]);
  });
});

describe("what providers make", () => {
  it("is disposed with its scope, last made first, after what the scope was given", async () => {
    const order: string[] = [];
    const thing = (name: string) => ({ [Symbol.dispose]: () => void order.push(name) });
    const container = createContainer()
      .add("app", "pool", () => thing("pool"))
      .add("user", "base", () => ({ [Symbol.asyncDispose]: async () => void order.push("base") }))
      .add("user", "cart", ({ base, pool }) => Object.assign(thing("cart"), { base, pool }))
      .add("run", "budget", ({ cart }) => Object.assign(thing("budget"), { cart }));
    const app = createApp(container);
    const { user, run } = openUser(app, "alice");
    user.defer(() => void order.push("deferred"));
    void container.in(run).budget;

    await run.dispose();
    expect(order).toEqual(["budget"]);
    await user.dispose();
    expect(order).toEqual(["budget", "deferred", "cart", "base"]);
    await app.dispose();
    expect(order).toEqual(["budget", "deferred", "cart", "base", "pool"]);
  });

  it("is disposed once and by its own scope, under however many names it is known", async () => {
    const order: string[] = [];
    const container = createContainer()
      .add("app", "pool", () =>
        Object.assign(() => {}, { [Symbol.dispose]: () => void order.push("pool") }),
      )
      .add("user", "cart", () => ({ [Symbol.dispose]: () => void order.push("cart") }))
      .add("user", "basket", ({ cart }) => cart)
      .add("run", "alias", ({ basket }) => basket)
      .add("run", "later", async ({ cart }) => Promise.resolve(cart))
      .add("run", "poolAlias", ({ pool }) => pool);
    const app = createApp(container);
    const { user, run } = openUser(app, "alice");
    const { alias, later, poolAlias, cart, pool } = container.in(run);

    expect(alias).toBe(cart);
    expect(await later).toBe(cart);
    expect(poolAlias).toBe(pool);
    await run.dispose();
    expect(order).toEqual([]);
    await user.dispose();
    expect(order).toEqual(["cart"]);
    await app.dispose();
    expect(order).toEqual(["cart", "pool"]);
  });

  it("is refused if it was made for another scope, now or by a promise", async () => {
    const [cart, settings] = [new Cart("everybody"), { theme: "dark" }];
    let disposals = 0;
    const pool = { [Symbol.dispose]: () => void (disposals += 1) };
    const container = createContainer()
      .add("user", "cart", () => cart)
      .add("run", "settings", async () => Promise.resolve(settings))
      .add("session", "pool", () => pool);
    const app = createApp(container);
    const [alice, bob] = [openUser(app, "alice"), openUser(app, "bob")];

    expect(container.in(alice.run).cart).toBe(cart);
    expect(await container.in(alice.run).settings).toBe(settings);
    expect(container.in(alice.run).pool).toBe(pool);
    for (const attempt of [1, 2]) {
      expect(() => container.in(bob.run).cart, `attempt ${attempt}`).toThrow(
        code("WT_PROVIDER_SHARED", "user:cart"),
      );
    }
    await expect(container.in(bob.run).settings).rejects.toThrow(
      code("WT_PROVIDER_SHARED", "run:settings"),
    );
    expect(() => container.in(bob.run).pool).toThrow(code("WT_PROVIDER_SHARED", "session:pool"));
    const again = alice.session.createChild("run", "2", alice.request);
    await expect(container.in(again).settings).rejects.toThrow(code("WT_PROVIDER_SHARED"));
    await bob.user.dispose();
    expect(disposals).toBe(0);
    await alice.user.dispose();
    expect(disposals).toBe(1);
  });

  it("may be the same for all if nobody can write to it", () => {
    const settings = Object.freeze({ theme: "dark" });
    const format = (): string => "formatted";
    const container = createContainer()
      .add("user", "settings", () => settings)
      .add("user", "format", () => format)
      .add("user", "limit", () => 3);
    const app = createApp(container);

    for (const { run } of [openUser(app, "alice"), openUser(app, "bob")]) {
      const { settings: found, format: formats, limit } = container.in(run);
      expect([found, formats(), limit]).toEqual([settings, "formatted", 3]);
    }
    const collection = Object.freeze(new Map());
    const frozenMap = createContainer().add("user", "table", () => collection);
    const tree = createApp(frozenMap);
    void frozenMap.in(openUser(tree, "alice").run).table;
    expect(() => frozenMap.in(openUser(tree, "bob").run).table).toThrow(code("WT_PROVIDER_SHARED"));
  });
});

describe("infrastructure", () => {
  it("is frozen all the way down where it is plain data, and left alone where it is not", async () => {
    const circle: { self?: unknown; list: { prices: number[] }[] } = { list: [{ prices: [1] }] };
    circle.self = circle;
    const cart = new Cart("nobody");
    const container = createContainer()
      .add("app", "config", () => circle)
      .add("app", "later", async () => Promise.resolve({ nested: Object.freeze({ deep: [1] }) }))
      .add("app", "mixed", () => ({ cart, bytes: new Uint8Array(2) }))
      .add("user", "own", () => ({ list: [] as number[] }));
    const app = createApp(container);
    const { run } = openUser(app, "alice");
    const { config, later, mixed, own } = container.in(run);

    expect(() => config.list.push({ prices: [] })).toThrow(TypeError);
    expect(() => config.list[0]?.prices.push(2)).toThrow(TypeError);
    expect(Object.isFrozen((await later).nested.deep)).toBe(true);
    expect(Object.isFrozen(mixed)).toBe(true);
    mixed.cart.items.push("a class guards itself");
    mixed.bytes[0] = 1;
    own.list.push(1);
    expect(own.list).toEqual([1]);
  });

  it.each([
    ["Map", () => new Map()],
    ["Set", () => ({ nested: [new Set()] })],
    ["WeakMap", () => new WeakMap()],
    ["frozen Map", () => Object.freeze(new Map())],
    ["promised Map", async () => Promise.resolve({ table: new Map() })],
  ])("is refused if it is a bare %s, where users' data could be parked", async (_, create) => {
    const container = createContainer().add("app", "table", create as () => unknown);
    const look = async (): Promise<unknown> => container.in(createApp(container)).table;
    await expect(look()).rejects.toThrow(code("WT_PROVIDER_SHARED", "app:table"));

    const own = createContainer().add("user", "table", create as () => unknown);
    expect(own.in(openUser(createApp(own), "alice").run).table).toBeDefined();
  });
});
