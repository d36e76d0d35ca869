import { describe, expect, it } from "vitest";
import { createWebSocketManager } from "../../src/connection/web-socket-manager.ts";
import { WebSocketTransport } from "../../src/connection/web-socket-transport.ts";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { createUserStream } from "../../src/event-log/user-stream.ts";
import { ResidentUser } from "../../src/http/resident-user.ts";
import { ResidentUsers } from "../../src/http/resident-users.ts";
import { Monitor } from "../../src/metrics/monitor.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { createAppScope } from "../../src/scope/scope.ts";
import { openYard, type SocketYard } from "../connection/socket-pair.ts";
import { RegistryBench } from "../execution/registry-bench.ts";

/** One resident in a table of residents, and what became of its sessions. */
class ResidentBench {
  readonly user: UserContext = createUserContext({ userId: "alice" });
  readonly app = createAppScope();
  readonly runs = new RegistryBench();
  readonly attached = new Map<string, number>();
  readonly told: string[] = [];
  readonly residents: ResidentUsers;
  readonly resident: ResidentUser;
  readonly #eventLog = createMemoryEventLog();

  constructor() {
    const onError = (_: unknown, { stage }: { readonly stage: string }) =>
      void this.told.push(stage);
    const monitor = new Monitor(1000);
    this.residents = new ResidentUsers(
      (user, onLeft) => {
        const scope = this.app.createChild("user", user.key);
        const stream = scope.own(createUserStream(user, this.#eventLog, { onError }));
        const manager = scope.own(createWebSocketManager(user, { stream }));
        const registry = scope.own(this.runs.registry);
        const attach = (id: string) => this.#attach(id);
        const ready = stream.opened;
        const parts = { scope, stream, ready, manager, registry, attach, onLeft, monitor, onError };
        return new ResidentUser(user, parts);
      },
      new Monitor(1000),
      onError,
    );
    this.resident = this.residents.enter(this.user);
  }

  run(runId: string, sessionId: string) {
    const agent = { name: "wait", agent: this.runs.agents.byName["wait"] as never };
    const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
    const run = this.resident.start(sessionId, this.runs.request(runId), agent, input);
    if (run === undefined) throw new Error("expected a run");
    return run;
  }

  async device(yard: SocketYard, sessionId: string) {
    const { server, client } = await yard.open();
    const connection = this.resident.admit(new WebSocketTransport(server), sessionId);
    connection.open();
    return { client, connection };
  }

  #attach(sessionId: string): () => void {
    this.attached.set(sessionId, (this.attached.get(sessionId) ?? 0) + 1);
    return () => void this.attached.set(sessionId, (this.attached.get(sessionId) ?? 0) - 1);
  }
}

describe("a resident user", () => {
  it("is the same one for two look-ups, and is let go of when the last thing has left", async () => {
    await using yard = await openYard();
    const bench = new ResidentBench();
    const { residents, resident, user } = bench;
    const { client } = await bench.device(yard, "one");

    expect(residents.enter(createUserContext({ userId: "alice" }))).toBe(resident);
    residents.release(user.key);
    expect(residents.get(user)).toBe(resident);
    client.socket.close();

    await expect.poll(() => residents.get(user)).toBeUndefined();
    await expect.poll(() => bench.app.childCount).toBe(0);
    expect(bench.attached.get("one")).toBe(0);
  });

  it("keeps a session for as long as a socket or a run lives in it: a disconnect never kills a run", async () => {
    await using yard = await openYard();
    const bench = new ResidentBench();
    const first = await bench.device(yard, "one");
    const second = await bench.device(yard, "one");
    const run = bench.run("run", "one");
    expect(bench.attached.get("one")).toBe(3);

    for (const { client, connection } of [first, second]) {
      client.socket.terminate();
      await connection.closed;
    }
    await expect.poll(() => bench.attached.get("one")).toBe(1);
    expect(run.isActive).toBe(true);
    expect(bench.resident.isIdle).toBe(false);
    bench.runs.agents.release();
    await run.ended;

    await expect.poll(() => bench.attached.get("one")).toBe(0);
    await expect.poll(() => bench.resident.isIdle).toBe(true);
  });

  it("holds a run once, in the session that started it, however often it is started", async () => {
    const bench = new ResidentBench();
    const run = bench.run("run", "one");

    expect(bench.run("run", "one")).toBe(run);
    expect(bench.run("run", "two")).toBe(run);
    bench.resident.endSession("two", CLOSE.sessionRevoked);

    expect([...bench.attached]).toEqual([["one", 1]]);
    expect(run.isActive).toBe(true);
    bench.resident.endSession("one", CLOSE.sessionRevoked);
    expect(await run.ended).toEqual({ status: "cancelled" });
    await expect.poll(() => bench.attached.get("one")).toBe(0);
  });

  it("that ends a session ends all that lives in it, at once, and nothing else", async () => {
    await using yard = await openYard();
    const bench = new ResidentBench();
    const gone = await bench.device(yard, "one");
    const stays = await bench.device(yard, "two");
    const runs = [bench.run("gone", "one"), bench.run("stays", "two")] as const;

    bench.resident.endSession("one", CLOSE.sessionExpired);
    expect(gone.connection.state).toBe("closing");

    expect((await gone.client.closed).code).toBe(4513);
    expect(await runs[0].ended).toEqual({ status: "cancelled" });
    await expect.poll(() => Object.fromEntries(bench.attached)).toEqual({ one: 0, two: 2 });
    expect(stays.connection.state).toBe("ready");
    expect(runs[1].isActive).toBe(true);
    await bench.resident.dispose();
  });

  it("that is disposed takes sockets, runs and attachments along", async () => {
    await using yard = await openYard();
    const bench = new ResidentBench();
    const { client } = await bench.device(yard, "one");
    const run = bench.run("run", "two");

    await bench.app.dispose();

    expect((await client.closed).code).toBe(1001);
    expect(run.status).toBe("cancelled");
    expect(Object.fromEntries(bench.attached)).toEqual({ one: 0, two: 0 });
    expect(bench.told).toEqual([]);
  });
});
