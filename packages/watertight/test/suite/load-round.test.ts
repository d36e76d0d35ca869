import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { CanaryBook } from "../../src/canary.ts";
import type { Config } from "../../src/config/define-config.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { createIdentities, type SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { Bench } from "../../src/suite/bench.ts";
import { politeRoles } from "../../src/suite/load-plan.ts";
import { type LoadResult, playLoad } from "../../src/suite/load-round.ts";
import { createBlindWitness } from "../../src/suite/witness.ts";

vi.setConfig({ testTimeout: 30_000 });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Behaviour = (data: Buffer, socket: WebSocket, all: ReadonlySet<WebSocket>) => void;

async function startServer(behave: Behaviour): Promise<string> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) =>
    socket.on("message", (data: Buffer) => behave(data, socket, sockets.clients)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
    for (const socket of sockets.clients) socket.terminate();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function askAndListen(user: SimulatedUser): Promise<void> {
  const socket = await user.webSocket("/");
  socket.send({ text: user.canary("text") });
  await user.expectOwn(socket, "text");
}

async function play(
  behave: Behaviour,
  {
    scenario = askAndListen,
    signIn = () => ({}),
    capMs = 2000,
  }: {
    readonly scenario?: typeof askAndListen;
    readonly signIn?: NonNullable<Config["signIn"]>;
    readonly capMs?: number;
  } = {},
): Promise<LoadResult> {
  const url = await startServer(behave);
  const book = new CanaryBook();
  const bench = new Bench({
    config: resolveConfig(
      { target: { command: "none", url }, patienceMs: 2000, signIn, scenario },
      ".",
    ),
    target: { baseUrl: url, death: undefined, output: "" },
    witness: createBlindWitness("The process was not looked into"),
    book,
    identities: createIdentities(4, book),
    seed: 7,
    onProgress: () => {},
  });
  return playLoad(bench, {
    name: "a load",
    roles: politeRoles(bench.identities, 20),
    windowMs: 400,
    idleMs: 0,
    capMs,
    looksInside: false,
  });
}

describe("a load", () => {
  test("of an echo server: all get what is theirs, one frame an operation, and time is measured", async () => {
    const load = await play((data, socket) => socket.send(data));

    expect(load.observations).toEqual([]);
    expect(load.control.expected).toBeGreaterThanOrEqual(4 + load.operations);
    expect(load.control.received).toBe(load.control.expected);
    expect(load.operations).toBeGreaterThan(4);
    expect(load.latency.count).toBeGreaterThanOrEqual(load.operations);
    expect(load.latency.p50).toBeGreaterThan(0);
    expect(load.framesPerOperation).toBeLessThan(1.5);
    expect(load.server).toBeUndefined();
  });

  test("of a server that repeats everything to everybody: leaks, and more frames an operation", async () => {
    const load = await play((data, _socket, all) => {
      for (const socket of all) socket.send(data);
    });

    expect(load.observations.map(({ kind }) => kind)).toContain("leak");
    expect(load.framesPerOperation).toBeGreaterThan(2);
  });

  test("of a server that beats beside: heartbeats are no frames of an operation", async () => {
    const load = await play((data, socket) => {
      for (let beat = 0; beat < 20; beat += 1) socket.send(`{"type":"beat","number":${beat}}`);
      socket.send(data);
    });

    expect(load.framesPerOperation).toBeLessThan(1.5);
  });

  test("of a server that takes 50 ms: an operation counts with all of them", async () => {
    const load = await play((data, socket) => {
      setTimeout(() => socket.send(data), 50);
    });

    expect(load.latency.p50).toBeGreaterThanOrEqual(49);
  });

  test("of a server that stops answering: what was given up counts with its wait, and proves nothing", async () => {
    let asked = 0;
    const load = await play(
      (data, socket) => {
        asked += 1;
        if (asked <= 4) socket.send(data);
      },
      { capMs: 300 },
    );

    expect(load.latency.p50).toBeGreaterThanOrEqual(299);
    expect(load.control.received).toBe(4);
    expect(load.control.expected).toBe(8);
  });

  test("of a server that does nothing proves nothing", async () => {
    const load = await play(() => {}, { capMs: 200 });

    expect(load.control.received).toBe(0);
    expect(load.control.expected).toBeGreaterThan(0);
  });

  test("of a scenario that waits for nothing proves nothing, however often it ends", async () => {
    const load = await play(() => {}, {
      scenario: async (user) => void (await user.webSocket("/")),
    });

    expect(load.operations).toBeGreaterThan(4);
    expect(load.control.received).toBe(0);
  });

  test("of a scenario that throws says what it threw", async () => {
    const scenario = async (): Promise<void> => {
      throw new Error("no such page");
    };
    const load = await play(() => {}, { scenario });

    expect(String(load.firstError)).toContain("no such page");
    expect(load.control.received).toBe(0);
  });

  test("goes on without users who can't even sign in, and misses their answers", async () => {
    const signIn = (user: { readonly number: number }) => {
      if (user.number === 0) throw new Error("unknown user");
      return {};
    };
    const load = await play((data, socket) => socket.send(data), { signIn });

    expect(load.operations).toBeGreaterThan(3);
    expect(load.control.received).toBeLessThan(load.control.expected);
    expect(String(load.firstError)).toContain("unknown user");
  });
});
