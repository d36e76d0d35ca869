import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createWebSocketManager } from "../../src/connection/web-socket-manager.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { createAppScope } from "../../src/scope/scope.ts";
import { openYard } from "../connection/socket-pair.ts";
import { RegistryBench } from "../execution/registry-bench.ts";
import { startServer } from "./test-server.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Forces the collector until the object is gone. */
function isGone(ref: WeakRef<object>): Promise<void> {
  return expect
    .poll(
      () => {
        collect();
        return ref.deref() === undefined;
      },
      { timeout: 4000 },
    )
    .toBe(true) as unknown as Promise<void>;
}

describe("what is disposed can be collected", () => {
  it("a scope, though its parent lives", async () => {
    const app = createAppScope();
    const kept = app.createChild("user", "kept");
    const ref = await (async () => {
      const scope = app.createChild("user", "gone");
      scope.createChild("session", "s").defer(() => {});
      await scope.dispose();
      return new WeakRef(scope);
    })();

    await isGone(ref);

    expect(app.childCount).toBe(1);
    expect(kept.isDisposed).toBe(false);
  });

  it("a scope's parent, though the child lives: a user's things lead to nobody else", async () => {
    const [child, ref] = (() => {
      const app = createAppScope();
      return [app.createChild("user", "alice"), new WeakRef(app)] as const;
    })();

    await isGone(ref);

    expect(child.isDisposed).toBe(false);
  });

  it("a manager and its connections", async () => {
    await using yard = await openYard();
    const refs = await (async () => {
      const user = createUserContext({ userId: "alice" });
      const manager = createWebSocketManager(user);
      const { server } = await yard.open();
      const connection = manager.connect(server, { user, sessionId: "s" });
      await manager.dispose();
      return [new WeakRef(manager), new WeakRef(connection), new WeakRef(server)];
    })();

    for (const ref of refs) await isGone(ref);
  });

  it("a registry and its runs", async () => {
    const refs = await (async () => {
      const bench = new RegistryBench();
      const run = bench.start("hangs", "run");
      await bench.registry.dispose();
      return [new WeakRef(bench.registry), new WeakRef(run)];
    })();

    for (const ref of refs) await isGone(ref);
  });
});

describe("a user who has left", () => {
  it("is forgotten, sockets, runs and all, while another stays", async () => {
    const users: WeakRef<object>[] = [];
    await using server = await startServer({
      agents: {
        async *notes(_input, context) {
          users.push(new WeakRef(context.user), new WeakRef(context));
          yield* [];
        },
      },
    });
    const bob = await server.connect("bob");
    await (async () => {
      const alice = await server.connect("alice");
      alice.run("notes", "run");
      await alice.endOf("run");
      const { sessionId } = (await alice.ofType("ready")) as unknown as { sessionId: string };
      alice.socket.close();
      await alice.closed;
      await expect.poll(() => server.runtime.health().users).toBe(1);
      const user = createUserContext({ userId: "alice" });
      expect(await server.runtime.sessions.revoke(user, sessionId)).toBe(true);
    })();

    expect(users).toHaveLength(2);
    for (const ref of users) await isGone(ref);
    await bob.fence();
    expect(server.runtime.health()).toMatchObject({ users: 1, connections: 1 });
  });
});
