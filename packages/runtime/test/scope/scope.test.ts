import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAppScope, type Lifetime, Scope } from "../../src/scope/scope.ts";

const disposed = expect.objectContaining({ code: "WT_SCOPE_DISPOSED" });

function createTree(disposeTimeoutMs = 5000): Record<Lifetime, Scope> {
  const app = createAppScope({ disposeTimeoutMs });
  const user = app.createChild("user", "alice");
  const session = user.createChild("session", "s");
  const connection = session.createChild("connection", "c");
  return { app, user, session, connection, run: session.createChild("run", "r") };
}

describe("the scope tree", () => {
  it("nests app, user, session, and connection or run, and nothing else", () => {
    const tree = createTree();
    const lifetimes: readonly Lifetime[] = ["app", "user", "session", "connection", "run"];
    const allowed = ["app user", "user session", "session connection", "session run"];

    for (const outer of lifetimes) {
      for (const inner of lifetimes) {
        const nest = () => tree[outer].createChild(inner, "x");
        if (allowed.includes(`${outer} ${inner}`)) expect(nest()).toBeInstanceOf(Scope);
        else expect(nest).toThrow(expect.objectContaining({ code: "WT_SCOPE_NESTING" }));
      }
    }
  });

  it("is disposed from the leaves up, each scope's things last taken first", async () => {
    const tree = createTree();
    const order: string[] = [];
    for (const [name, scope] of Object.entries(tree)) {
      scope.defer(() => void order.push(`${name} 1`));
      scope.defer(async () => void order.push(`${name} 2`));
    }

    await tree.app.dispose();

    for (const name of Object.keys(tree)) {
      expect(order.indexOf(`${name} 2`)).toBeLessThan(order.indexOf(`${name} 1`));
    }
    const firsts = order.filter((entry) => entry.endsWith("1")).map((entry) => entry.split(" ")[0]);
    expect(firsts.slice(-3)).toEqual(["session", "user", "app"]);
    expect(new Set(firsts)).toEqual(new Set(Object.keys(tree)));
  });

  it("disposes any number of things in reverse order, whichever of them fail", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (fails) => {
        const scope = createAppScope();
        const order: number[] = [];
        for (const [index, isFailing] of fails.entries()) {
          scope.defer(() => {
            order.push(index);
            if (isFailing) throw new Error(`${index}`);
          });
        }

        const failure = await scope.dispose().catch((error: unknown) => error);

        expect(order).toEqual([...fails.keys()].reverse());
        const failures = fails.filter(Boolean).length;
        if (failures === 0) expect(failure).toBeUndefined();
        else expect((failure as AggregateError).errors).toHaveLength(failures);
      }),
    );
  });

  it("lets go of a child that ends, and of no other", async () => {
    const { session, connection, run } = createTree();

    await connection.dispose();

    expect(session.childCount).toBe(1);
    expect(connection.isDisposed).toBe(true);
    expect(run.isDisposed).toBe(false);
    expect(session.isDisposed).toBe(false);
  });
});

describe("a disposed scope", () => {
  it("throws on every use, from the moment that its disposal begins", async () => {
    const { user } = createTree();
    const disposal = user.dispose();

    for (const use of [
      () => user.createChild("session", "late"),
      () => user.defer(() => {}),
      () => user.own({ [Symbol.dispose]: () => {} }),
    ]) {
      expect(use).toThrow(disposed);
    }
    await disposal;
    expect(() => user.defer(() => {})).toThrow(disposed);
  });

  it("is disposed once, however often and from wherever it is asked to be", async () => {
    const { user, session } = createTree();
    let count = 0;
    session.defer(() => {
      count += 1;
      void session.dispose();
      void user.dispose();
    });

    const first = user.dispose();
    await Promise.all([first, user.dispose(), session.dispose(), user[Symbol.asyncDispose]()]);

    expect(user.dispose()).toBe(first);
    expect(count).toBe(1);
  });

  it("is finished though a disposer waits for the very disposal that it is part of", async () => {
    const { user, session } = createTree(20);
    const order: string[] = [];
    user.defer(() => void order.push("user"));
    session.defer(() => user.dispose());

    await expect(user.dispose()).rejects.toThrow("1 disposals failed");
    expect(order).toEqual(["user"]);
  });

  it("is finished though a disposer hangs, and the others are disposed", async () => {
    const scope = createAppScope({ disposeTimeoutMs: 20 });
    const order: string[] = [];
    scope.defer(() => void order.push("first taken"));
    scope.defer(() => new Promise(() => {}));
    scope.own({ [Symbol.asyncDispose]: async () => void order.push("last taken") });

    const failure = await scope.dispose().catch((error: unknown) => error);

    expect(order).toEqual(["last taken", "first taken"]);
    expect(String((failure as AggregateError).errors[0])).toContain("did not finish within 20 ms");
  });

  it("owns things that dispose at once as well as those that take their time", async () => {
    const scope = createAppScope();
    const order: string[] = [];
    const sync = scope.own({ [Symbol.dispose]: () => void order.push("sync") });
    scope.own({ [Symbol.asyncDispose]: async () => void order.push("async") });

    await scope.dispose();

    expect(sync).toBeDefined();
    expect(order).toEqual(["async", "sync"]);
  });
});

describe("an app scope", () => {
  it.each([0, -1, Number.NaN, 2 ** 31])("refuses %s ms for a disposer", (disposeTimeoutMs) => {
    expect(() => createAppScope({ disposeTimeoutMs })).toThrow("disposeTimeoutMs");
    expect(createAppScope({ disposeTimeoutMs: 1 }).isDisposed).toBe(false);
  });
});
