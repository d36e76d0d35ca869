import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { findComponents } from "../../src/target/component-host/components.ts";
import { loadModule } from "../../src/target/load-module.ts";
import { findFreePort } from "../../src/target/port.ts";
import { TargetProcess } from "../../src/target/target-process.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

// Like every target the host is a program: these tests start the built one.
const HOST = fileURLToPath(new URL("../../dist/target/component-host/main.js", import.meta.url));

const bridge = { id: "bridge" };
const registry = { id: "registry" };
const rest = {
  createAgentWebSocketBridge: () => bridge,
  createAgentExecutionRegistry: () => registry,
};
const user = { tenantId: "default", userId: "alice" };

describe("a module of components", () => {
  it.each<[string, Record<string, unknown>]>([
    ["create…()", { createWebSocketManager: ({ userId }: typeof user) => ({ id: userId }) }],
    ["get…()", { getWebSocketManager: () => ({ id: "alice" }) }],
    [
      "a static instance",
      {
        WebSocketManager: class {
          static instance = { id: "alice" };
        },
      },
    ],
    [
      "getInstance()",
      {
        WebSocketManager: class {
          static #only = { id: "alice" };
          static getInstance() {
            return this.#only;
          }
        },
      },
    ],
    ["an object with an instance", { WebSocketManager: { instance: { id: "alice" } } }],
  ])("may offer a component by %s", async (_, exports) => {
    const components = findComponents({ ...rest, ...exports });

    expect(await components.createManager(user)).toEqual({ id: "alice" });
    expect(await components.createBridge(user, {} as never)).toBe(bridge);
    expect(await components.createRegistry({ user, runId: "r", threadId: "t" })).toBe(registry);
  });

  it("that creates is preferred to one that gets", async () => {
    const components = findComponents({
      ...rest,
      getWebSocketManager: () => "got",
      createWebSocketManager: () => "created",
    });

    expect(await components.createManager(user)).toBe("created");
  });

  it("without one of the three is refused by a sentence that names it and what is there", () => {
    const { createAgentWebSocketBridge, createAgentExecutionRegistry } = rest;

    expect(() =>
      findComponents({ createAgentWebSocketBridge, WebSocketManager: class {} }),
    ).toThrow(
      "Expected the module to export createWebSocketManager(), getWebSocketManager(), WebSocketManager.instance or WebSocketManager.getInstance(), got the exports createAgentWebSocketBridge, WebSocketManager.",
    );
    expect(() =>
      findComponents({ createWebSocketManager: () => ({}), createAgentExecutionRegistry }),
    ).toThrow("createAgentWebSocketBridge()");
    expect(() => findComponents({})).toThrow("got the exports (none)");
  });
});

describe("the host of a module of components", () => {
  let folder = "";
  const targets = new Set<TargetProcess>();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
  });
  afterEach(async () => {
    await Promise.all([...targets].map((target) => target.stop()));
    targets.clear();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function serve(name: string, source: string): Promise<TargetProcess> {
    const path = join(folder, name);
    await writeFile(path, source);
    const port = await findFreePort();
    const target = await TargetProcess.start(
      {
        command: `"${process.execPath}" "${HOST}" "${path}"`,
        cwd: folder,
        env: { ...process.env, PORT: String(port) },
        baseUrl: `http://127.0.0.1:${port}`,
        readyTimeoutMs: 10_000,
      },
      () => {},
    );
    targets.add(target);
    return target;
  }

  /** A device of a user: what it was sent, and what it says. */
  async function connect({ baseUrl }: TargetProcess, userId: string) {
    const socket = new WebSocket(baseUrl.replace("http", "ws"), {
      headers: { "x-watertight-user": userId },
    });
    const frames: Record<string, unknown>[] = [];
    const waiting = new Set<() => void>();
    socket.on("message", (data: Buffer) => {
      frames.push(JSON.parse(data.toString("utf8")) as Record<string, unknown>);
      for (const wake of waiting) wake();
    });
    const until = (isIt: (frame: Record<string, unknown>) => boolean) =>
      new Promise<Record<string, unknown>>((resolve) => {
        const look = (): void => {
          const found = frames.find(isIt);
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
      });
    await until(({ type }) => type === "ready");
    const run = (agent: string, runId: string, content = "") =>
      socket.send(
        JSON.stringify({
          type: "run",
          agent,
          input: { runId, threadId: "t", messages: [{ content }] },
        }),
      );
    return { socket, frames, until, run };
  }

  it("lets a TypeScript module's components carry runs: an answer, a cancel and a death", async () => {
    const target = await serve("components.ts", COMPONENTS);
    const { until, run, frames, socket } = await connect(target, "alice");

    run("echo", "r1", "two words");
    await until(({ type, runId }) => type === "RUN_FINISHED" && runId === "r1");
    const deltas = frames.filter(({ type }) => type === "TEXT_MESSAGE_CONTENT");
    expect(deltas.map(({ delta }) => delta)).toEqual(["two ", "words"]);

    run("slow", "r2");
    await until(({ type, runId }) => type === "STEP_STARTED" && runId === "r2");
    socket.send(JSON.stringify({ type: "cancel", runId: "r2" }));
    await until(({ type, runId }) => type === "RUN_FINISHED" && runId === "r2");

    run("dying", "r3");
    const death = await until(({ type }) => type === "RUN_ERROR");
    expect(death).toMatchObject({
      runId: "r3",
      code: "AGENT_DIED",
      cause: "no progress for 300 ms",
    });
  });

  it("refuses what it can't make sense of", async () => {
    const target = await serve("components.ts", COMPONENTS);
    const { socket, until } = await connect(target, "alice");
    const refused = async (frame: string, code: string): Promise<void> => {
      socket.send(frame);
      await until((answer) => answer["type"] === "error" && answer["code"] === code);
    };

    await refused("{", "FRAME_INVALID");
    await refused('{"type":"dance"}', "FRAME_UNKNOWN");
    await refused('{"type":"run","agent":"constructor"}', "AGENT_UNKNOWN");
    await refused('{"type":"cancel","runId":"none"}', "RUN_UNKNOWN");
  });

  it("makes the parts of a user once, and disposes of them when the user's last device has left", async () => {
    const target = await serve("components.mjs", COMPONENTS.replaceAll(/: any/g, ""));
    const phone = await connect(target, "alice");
    const laptop = await connect(target, "alice");
    const other = await connect(target, "bob");
    phone.run("echo", "r1");
    await phone.until(({ type }) => type === "RUN_FINISHED");

    phone.socket.close();
    laptop.socket.close();
    const disposed = await other.until(({ type }) => type === "disposed");

    expect(disposed).toEqual({ type: "disposed", parts: ["registry", "bridge", "manager"] });
    expect(target.output.match(/manager of \w+/g)).toEqual(["manager of alice", "manager of bob"]);
  });

  it("ends at once with the sentence that says what is missing", async () => {
    await expect(serve("empty.mjs", "export const nothing = 1;")).rejects.toMatchObject({
      code: "WT_TARGET_EXITED",
      message: expect.stringContaining(
        "Expected the module to export createWebSocketManager()",
      ) as string,
    });
  });

  it("shares one module between all who import it", async () => {
    const path = join(folder, "shared.ts");
    await writeFile(path, "export const table: Map<string, string> = new Map();");

    const [first, second] = [await loadModule(path), await loadModule(path)];

    expect(first["table"]).toBeInstanceOf(Map);
    expect(second["table"]).toBe(first["table"]);
  });
});

/** Correct components, but for a notice to everybody when the parts of a user are disposed of. */
const COMPONENTS = `
const everybody = new Set();
const gone = [];
export function createWebSocketManager(user: any) {
  const sockets = new Set();
  console.log("manager of " + user.userId);
  return {
    sockets,
    connect(socket: any) { sockets.add(socket); everybody.add(socket); },
    dispose() {
      gone.push("manager");
      for (const socket of everybody) socket.send(JSON.stringify({ type: "disposed", parts: gone }));
    },
  };
}
export function createAgentWebSocketBridge(user: any, manager: any) {
  const send = (event: any) => { for (const socket of manager.sockets) socket.send(JSON.stringify(event)); };
  return {
    manager,
    openRun() {},
    publish: (runId: any, event: any) => send({ ...event, runId }),
    agentStarted: (runId: any) => send({ type: "RUN_STARTED", runId }),
    agentCompleted: (runId: any) => send({ type: "RUN_FINISHED", runId }),
    agentError: (runId: any, message: any) => send({ type: "RUN_ERROR", runId, message }),
    agentDeath: (runId: any, cause: any) => send({ type: "RUN_ERROR", runId, code: "AGENT_DIED", cause }),
    dispose: () => gone.push("bridge"),
  };
}
export function createAgentExecutionRegistry() {
  const runs = new Map();
  return {
    start(run: any, work: any) {
      const controller = new AbortController();
      runs.set(run.runId, controller);
      return work(controller.signal).finally(() => runs.delete(run.runId));
    },
    cancel(runId: any) { runs.get(runId)?.abort(); return runs.has(runId); },
    dispose: () => gone.push("registry"),
  };
}
`;
