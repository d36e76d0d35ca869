import { describe, expect, it } from "vitest";
import { createContainer } from "../../src/scope/container.ts";
import { createAppScope, type Scope } from "../../src/scope/scope.ts";
import { createApp, openUser, type Untyped } from "./scope-trees.ts";

// The errors that are expected of the compiler here are checked by `npx tsc -p packages/runtime/test`:
// each line below such a comment must not type-check, and what it does all the same is then tested.

const captive = (path: string): unknown =>
  expect.objectContaining({
    code: "WT_PROVIDER_CAPTIVE",
    message: expect.stringContaining(path) as unknown,
  });

class Cart {
  readonly owner: string;
  constructor(owner: string) {
    this.owner = owner;
  }
}

const shop = createContainer()
  .add("app", "clock", () => ({ now: () => 1 }))
  .add("user", "cart", ({ user }) => new Cart(user.userId))
  .add("session", "page", ({ cart }) => ({ cart }))
  .add("connection", "cursor", ({ page }) => ({ page }))
  .add("run", "budget", ({ request, page }) => ({ request, page }));

describe("a provider that asks for what ends before it does", () => {
  it("does not type-check, and is refused with the path", () => {
    const container = shop
      // @ts-expect-error -- the app asks for what a user has
      .add("app", "a1", ({ cart }) => cart)
      // @ts-expect-error -- the app asks for a user
      .add("app", "a2", ({ user }) => user)
      // @ts-expect-error -- a user asks for what a session has
      .add("user", "u1", ({ page }) => page)
      // @ts-expect-error -- a user asks for what a run has
      .add("user", "u2", ({ budget }) => budget)
      // @ts-expect-error -- a session asks for a request
      .add("session", "s1", ({ request }) => request)
      // @ts-expect-error -- a connection asks for what a run has
      .add("connection", "c1", ({ budget }) => budget)
      // @ts-expect-error -- a run asks for what a connection has
      .add("run", "r1", ({ cursor }) => cursor);
    const { run, connection } = openUser(createApp(container), "alice");
    const [inRun, inConnection] = [container.in(run), container.in(connection)];

    expect(() => inRun.a1).toThrow(captive(": app:a1 → user:cart."));
    expect(() => inRun.a2).toThrow(captive(": app:a2 → user:user."));
    expect(() => inRun.u1).toThrow(captive(": user:u1 → session:page."));
    expect(() => inRun.u2).toThrow(captive(": user:u2 → run:budget."));
    expect(() => inRun.s1).toThrow(captive(": session:s1 → run:request."));
    expect(() => inRun.r1).toThrow(captive(": run:r1 → connection:cursor."));
    expect(() => inConnection.c1).toThrow(captive(": connection:c1 → run:budget."));
  });

  it("type-checks and works the other way round", () => {
    const container = shop.add("run", "all", ({ clock, cart, page, budget, request, user }) => {
      return [clock.now(), cart.owner, page.cart.owner, budget.page, request.runId, user.userId];
    });
    const { run, connection } = openUser(createApp(container), "alice");

    expect(container.in(run).all).toEqual([
      1,
      "alice",
      "alice",
      container.in(connection).page,
      "run",
      "alice",
    ]);
    expect(container.in(connection).cursor.page).toBe(container.in(run).page);
  });

  it("is named with everyone on the way to it", () => {
    const untyped = (name: string) => (dependencies: object) => (dependencies as Untyped)[name];
    const container = shop
      .add("app", "mailer", untyped("budget"))
      .add("user", "outbox", ({ mailer }) => mailer)
      .add("run", "report", ({ outbox }) => outbox);
    const { run } = openUser(createApp(container), "alice");

    expect(() => container.in(run).report).toThrow(
      captive(": run:report → user:outbox → app:mailer → run:budget."),
    );
    expect(() => container.in(run).mailer).toThrow(captive(": app:mailer → run:budget."));
  });

  it("is refused though its parameter is annotated to let it through", () => {
    interface Wanted {
      readonly clock: { now(): number };
      readonly cart?: Cart;
    }
    const container = shop.add("app", "mailer", ({ clock, cart }: Wanted) => ({ clock, cart }));
    const { run } = openUser(createApp(container), "alice");

    expect(() => container.in(run).mailer).toThrow(captive(": app:mailer → user:cart."));
    // @ts-expect-error -- an annotation that demands it
    shop.add("app", "mailer", ({ cart }: { readonly cart: Cart }) => cart);
  });
});

describe("a provider that keeps what it can ask with", () => {
  it("is refused what ends before it does, however much later and from wherever it asks", async () => {
    const container = shop.add("app", "mailer", (dependencies) => ({
      // @ts-expect-error -- lazily is no way around
      ownerInMethod: () => dependencies.cart.owner as string,
      ownerInCallback: () =>
        new Promise((resolve, reject) => {
          setImmediate(() => {
            try {
              // @ts-expect-error -- nor is a callback
              resolve(dependencies.cart.owner);
            } catch (error) {
              reject(error as Error);
            }
          });
        }),
      ownerAfterWaiting: async () => {
        await Promise.resolve();
        const { cart } = dependencies as unknown as { readonly cart: Cart };
        return cart.owner;
      },
    }));
    const app = createApp(container);

    // Alice's cart is there, and her run was the first to ask for the mailer.
    const alice = openUser(app, "alice");
    expect(container.in(alice.run).cart.owner).toBe("alice");
    for (const { run } of [alice, openUser(app, "bob")]) {
      const { mailer } = container.in(run);
      expect(() => mailer.ownerInMethod()).toThrow(captive(": app:mailer → user:cart."));
      await expect(mailer.ownerInCallback()).rejects.toThrow(captive(": app:mailer → user:cart."));
      await expect(mailer.ownerAfterWaiting()).rejects.toThrow(
        captive(": app:mailer → user:cart."),
      );
    }
  });

  it("is refused though it makes its value by and by", async () => {
    const container = shop.add("user", "report", async (dependencies) => {
      await Promise.resolve();
      const { budget } = dependencies as unknown as Untyped;
      return { budget };
    });
    const { run } = openUser(createApp(container), "alice");

    await expect(container.in(run).report).rejects.toThrow(captive(": user:report → run:budget."));
  });

  it("finds each time what its own scope has, not what the first to ask had", () => {
    const container = shop
      .add("user", "greeter", (dependencies) => ({ greet: () => dependencies.cart.owner }))
      .add("run", "word", ({ greeter }) => greeter.greet());
    const app = createApp(container);

    const words = ["alice", "bob", "carol"].map((id) => container.in(openUser(app, id).run).word);
    expect(words).toEqual(["alice", "bob", "carol"]);
  });
});

describe("a scope", () => {
  it("can be asked for nothing that ends before it does", () => {
    const app = createApp(shop);
    const { user, session } = openUser(app, "alice");

    // @ts-expect-error -- a user's scope is asked for what a run has
    expect(() => shop.in(user).budget).toThrow(captive(": the user scope → run:budget."));
    // @ts-expect-error -- a session's scope is asked for the request
    expect(() => shop.in(session).request).toThrow(captive(": the session scope → run:request."));
    // @ts-expect-error -- the app's scope is asked for the user
    expect(() => shop.in(app).user).toThrow(captive(": the app scope → user:user."));
  });

  it("of whatever lifetime can be asked for what every scope has, and for nothing else by type", () => {
    const { run } = openUser(createApp(shop), "alice");
    const scope: Scope = run;

    expect(shop.in(scope).clock.now()).toBe(1);
    // @ts-expect-error -- it could be one without a user
    expect(shop.in(scope).cart).toBeInstanceOf(Cart);
  });

  it("is made with what its lifetime asks for, by type too", () => {
    const app = createApp(shop);
    const { session, request, user, context } = openUser(app, "alice");

    // @ts-expect-error -- a user's scope made with a request
    expect(() => app.createChild("user", "key", request)).toThrow("UserContext");
    // @ts-expect-error -- a run's scope made with a user
    expect(() => session.createChild("run", "r", context)).toThrow("RequestContext");
    // @ts-expect-error -- a session's scope is made with nothing
    expect(user.createChild("session", "s", context).lifetime).toBe("session");
  });
});

describe("a name", () => {
  it("can't be provided twice, nor be asked for if nobody provides it", () => {
    // @ts-expect-error -- `cart` is there
    expect(() => shop.add("user", "cart", () => 1)).toThrow("once");
    // @ts-expect-error -- `user` always is
    expect(() => shop.add("user", "user", () => 1)).toThrow("once");
    // @ts-expect-error -- not a lifetime
    expect(() => shop.add("request", "other", () => 1)).toThrow("lifetime");

    const container = createContainer()
      // @ts-expect-error -- nobody provides it
      .add("user", "page", ({ cart }) => cart as unknown);
    const { user } = openUser(createApp(container), "alice");
    expect(() => container.in(user).page).toThrow("`cart`");
  });

  it("has the type of what its provider makes", () => {
    const { run } = openUser(createApp(shop), "alice");
    const { cart } = shop.in(run);
    const owner: string = cart.owner;
    // @ts-expect-error -- a cart has no such property
    expect([owner, cart.total]).toEqual(["alice", undefined]);
    // @ts-expect-error -- what is found can't be replaced
    expect(() => (shop.in(run).cart = cart)).toThrow(TypeError);
    // @ts-expect-error -- a scope without lifetimes is none
    expect(() => shop.in({})).toThrow("Expected a scope");
    expect(createAppScope().lifetime).toBe("app");
  });
});
