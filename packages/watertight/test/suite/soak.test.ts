import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { CanaryBook } from "../../src/canary.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import type { SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { Soak, type SoakOptions } from "../../src/suite/soak.ts";
import type { SoakWindow } from "../../src/suite/soak-report.ts";
import { createBlindWitness } from "../../src/suite/witness.ts";

async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 5; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a soak of a server that repeats everything to everybody", () => {
  let server: Server;
  let sockets: WebSocketServer;
  let baseUrl = "";
  beforeEach(async () => {
    server = createServer();
    sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => {
      socket.on("message", (data) => {
        for (const client of sockets.clients) client.send(data, { binary: false });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    sockets.close();
    server.close();
    server.closeAllConnections();
  });

  function createSoak(changes: Partial<SoakOptions>): Soak {
    return new Soak({
      config: resolveConfig(
        {
          target: { command: "none", url: baseUrl },
          async scenario(user: SimulatedUser) {
            const socket = await user.webSocket("/");
            socket.send({ text: user.canary("text") });
            await user.expectOwn(socket, "text");
          },
        },
        ".",
      ),
      target: { baseUrl, death: undefined, output: "" },
      witnessOf: () => createBlindWitness("not looked at"),
      users: 3,
      forMs: 1,
      windowMs: 100,
      seed: 4_294_967_294,
      replay: "again",
      folder: ".",
      signal: new AbortController().signal,
      onStep: () => {},
      onWindow: () => {},
      ...changes,
    });
  }

  it("keeps nothing of the windows that are over, looks inside three times, and counts", async () => {
    const books: WeakRef<CanaryBook>[] = [];
    const windows: SoakWindow[] = [];
    let looks = 0;
    const soak = createSoak({
      witnessOf: (book) => {
        books.push(new WeakRef(book));
        const holders = async (): Promise<[]> => {
          looks += 1;
          return [];
        };
        return { ...createBlindWitness("not looked at"), holders };
      },
      onWindow: (window) => windows.push(window),
    });
    const result = await soak.run();
    await collectGarbage();

    expect(books).toHaveLength(6);
    expect(books.slice(0, 5).filter((book) => book.deref() !== undefined)).toEqual([]);
    expect(looks).toBe(3);
    expect(result).toMatchObject({ verdict: "failed", soak: { played: 6, ending: "time" } });
    expect(windows.map(({ seed }) => seed)).toEqual([4_294_967_294, 4_294_967_295, 0, 1, 2, 3]);
    const [memory, everything] = result.categories.flatMap(({ checks }) => checks);
    expect(memory).toMatchObject({ verdict: "inconclusive", reason: "not looked at" });
    const pairs = everything?.findings.map(({ from, to }) => `${from} ${to}`) ?? [];
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs.length).toBeLessThanOrEqual(6);
    expect(everything?.findings[0]?.title).toMatch(/in window 1; again in \d other windows?/);
    expect(result.metrics.isolation?.users).toBe(18);
    // The soak is used here, so that it was not what went away.
    expect(soak.totals.played).toBe(6);
  }, 60_000);

  it("that is interrupted judges what was received in the window that was broken off", async () => {
    const interrupt = new AbortController();
    const soak = createSoak({ windowMs: 60_000, signal: interrupt.signal });
    const ended = soak.run();
    const isLeaking = (): boolean => sockets.clients.size >= 3;
    while (!isLeaking()) await new Promise((resolve) => setTimeout(resolve, 10));
    setTimeout(() => interrupt.abort(), 1000);
    const result = await ended;

    expect(result).toMatchObject({ verdict: "failed", soak: { played: 0, ending: "interrupted" } });
    const findings = result.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
    expect(findings[0]).toMatchObject({ kind: "leak", tier: "proved", check: "7.1" });
    expect(result.metrics.routing?.correct).toBeLessThan(result.metrics.routing?.total ?? 0);
  }, 60_000);

  it("that is aborted before it begins has seen nothing, which is no pass", async () => {
    const result = await createSoak({ signal: AbortSignal.abort() }).run();

    expect(result).toMatchObject({ verdict: "inconclusive", soak: { played: 0, windows: [] } });
    expect(result.metrics).toMatchObject({ isolation: null, routing: null });
  });
});
