import { describe, expect, it } from "vitest";
import { createContainer } from "../../src/scope/container.ts";
import { createDeferred } from "../internal/deferred.ts";
import { createApp, openUser } from "./scope-trees.ts";

const disposed = expect.objectContaining({ code: "WT_SCOPE_DISPOSED" });

describe("a scope that has ended", () => {
  it("finds nothing any more, what lives longer included, whichever way it is asked", async () => {
    const container = createContainer()
      .add("app", "clock", () => ({ now: 1 }))
      .add("user", "cart", (dependencies) => ({ clock: () => dependencies.clock }))
      .add("run", "budget", (dependencies) => ({
        cart: () => dependencies.cart,
        request: () => dependencies.request,
      }));
    const { user, run } = openUser(createApp(container), "alice");
    const found = container.in(run);
    const { budget, cart } = found;
    expect(budget.cart()).toBe(cart);

    const disposal = run.dispose();
    for (const moment of ["while it is disposed", "after it was"]) {
      for (const use of [
        () => container.in(run),
        () => found.budget,
        () => found.clock,
        () => found.user,
        () => budget.cart(),
        () => budget.request(),
      ]) {
        expect(use, moment).toThrow(disposed);
      }
      await disposal;
    }
    expect(cart.clock().now).toBe(1);

    await user.dispose();
    expect(() => cart.clock()).toThrow(disposed);
  });

  it("takes all scopes within with it, from the moment that its disposal begins", async () => {
    const container = createContainer().add("run", "budget", () => ({ left: 1 }));
    const app = createApp(container);
    const [alice, bob] = [openUser(app, "alice"), openUser(app, "bob")];
    const [hers, his] = [container.in(alice.run), container.in(bob.run)];

    const disposal = alice.user.dispose();
    expect(() => hers.budget).toThrow(disposed);
    expect(his.budget.left).toBe(1);
    await disposal;
    expect(his.budget.left).toBe(1);
  });

  it("disposes of what a provider makes while that provider itself disposes the scope", async () => {
    const order: string[] = [];
    let end: () => Promise<void> = async () => {};
    const container = createContainer().add("run", "suicide", () => {
      void end();
      return {
        [Symbol.asyncDispose]: async () => {
          await new Promise(setImmediate);
          order.push("disposed");
        },
      };
    });
    const { run } = openUser(createApp(container), "alice");
    end = () => run.dispose();

    expect(() => container.in(run).suicide).toThrow(disposed);
    await run.dispose();
    expect(order).toEqual(["disposed"]);
  });
});

describe("a scope without scopes in it", () => {
  it("has ended by the time that anything in it is disposed", async () => {
    const container = createContainer().add("run", "tools", () => ({
      [Symbol.dispose]: () => told.push(run.isDisposed, run.dispose()),
    }));
    const { run } = openUser(createApp(container), "alice");
    const told: unknown[] = [];
    void container.in(run).tools;
    run.defer(() => void told.push(run.isDisposed, run.dispose()));

    const disposal = run.dispose();
    await disposal;
    expect(told).toEqual([true, disposal, true, disposal]);
    expect(told.filter((promise) => promise === disposal)).toHaveLength(2);
  });
});

describe("a promised thing", () => {
  const promised = (disposeTimeoutMs?: number) => {
    const gate = createDeferred();
    const order: string[] = [];
    const container = createContainer().add("user", "database", async ({ user }) => {
      await gate.promise;
      order.push("connected");
      return { owner: user, [Symbol.asyncDispose]: async () => void order.push("closed") };
    });
    const tree = openUser(createApp(container, disposeTimeoutMs), "alice");
    return { gate, order, container, ...tree };
  };

  it("is made once, for all who wait, and disposed with its scope", async () => {
    const { gate, order, container, user, run, connection, context } = promised();
    const [one, two] = [container.in(run).database, container.in(connection).database];
    expect(one).toBe(two);
    gate.resolve();

    expect((await one).owner).toBe(context);
    await user.dispose();
    expect(order).toEqual(["connected", "closed"]);
  });

  it("that comes after the end of its scope is disposed, and refused to who waits for it", async () => {
    const { gate, order, container, user, run } = promised();
    const waiting = container.in(run).database;

    const disposal = user.dispose();
    await expect(waiting).rejects.toThrow(disposed);
    expect(order).toEqual([]);
    gate.resolve();
    await disposal;
    expect(order).toEqual(["connected", "closed"]);
  });

  it("that never comes holds up the end of its scope for its time, and no longer", async () => {
    const { container, user, run } = promised(20);
    const waiting = container.in(run).database;

    const failure = await user.dispose().catch((error: unknown) => error);
    expect(String((failure as AggregateError).errors[0])).toContain("within 20 ms");
    await expect(waiting).rejects.toThrow(disposed);
  });

  it("that comes when the end of its scope waits for nothing any more is disposed all the same", async () => {
    const { gate, order, container, user, run } = promised(20);
    const waiting = container.in(run).database;

    await expect(user.dispose()).rejects.toThrow("1 disposals failed");
    gate.resolve();
    await expect(waiting).rejects.toThrow(disposed);
    await new Promise(setImmediate);
    expect(order).toEqual(["connected", "closed"]);
  });

  it("that fails, and that nobody waits for, doesn't end the process", async () => {
    const container = createContainer().add("user", "database", async () => {
      await Promise.resolve();
      throw new Error("refused");
    });
    const { user, run } = openUser(createApp(container), "alice");
    const unhandled: unknown[] = [];
    const hear = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", hear);
    try {
      void container.in(run).database;
      await new Promise(setImmediate);
      void container.in(run).database;
      await user.dispose();
      await new Promise(setImmediate);
    } finally {
      process.off("unhandledRejection", hear);
    }
    expect(unhandled).toEqual([]);
  });
});
