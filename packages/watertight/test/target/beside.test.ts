import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Beside, type BesideOptions } from "../../src/target/beside.ts";
import { isPortTaken, placeOf } from "../../src/target/port.ts";
import { RemoteTarget } from "../../src/target/remote-target.ts";

const PATIENTLY = { timeout: 20_000 };
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SERVER = fileURLToPath(new URL("./fixtures/server.mjs", import.meta.url));

const started = new Set<Beside>();
const pids: number[] = [];
afterEach(async () => {
  for (const beside of started) await beside.stop();
  started.clear();
  pids.length = 0;
});

async function start(...all: readonly Partial<BesideOptions>[]): Promise<Beside> {
  const beside = await Beside.start(
    all.map((options, place) => ({
      key: `target.beside[${place}]`,
      command: `"${process.execPath}" "${SERVER}" plain`,
      cwd: process.cwd(),
      ready: { port: true },
      readyTimeoutMs: 10_000,
      ...options,
    })),
    { environment: process.env, places: new Map(), onStarted: (pid) => pids.push(pid) },
  );
  started.add(beside);
  return beside;
}

async function ask(beside: Beside, name: string, path: string): Promise<string> {
  const response = await fetch(new URL(path, beside.places.get(name)?.url));
  return response.text();
}

describe("what runs beside a target", () => {
  it("is started in order, and knows where those before it are", async () => {
    const beside = await start(
      { name: "db" },
      {
        name: "api",
        ready: { line: /localhost:(?<port>\d+)/ },
        env: { DB: "{db.host}:{db.port}" },
      },
      { name: "web", env: { API: "{api.url}", DB: "{db.url}" } },
    );
    const { host, port, url } = beside.places.get("db") ?? { host: "", port: 0, url: "" };

    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await ask(beside, "api", "/env/DB")).toBe(`${host}:${port}`);
    expect(await ask(beside, "api", "/env/PORT")).toBe("0");
    expect(await ask(beside, "web", "/env/API")).toBe(beside.places.get("api")?.url);
    expect(await ask(beside, "web", "/env/DB")).toBe(url);
    expect(pids).toHaveLength(3);
  });

  it("can't name what is started later, and then nothing is left", async () => {
    const refused = start({ name: "db" }, { env: { WEB: "{web.url}" } }, { name: "web" });

    await expect(refused).rejects.toMatchObject({
      code: "WT_CONFIG_INVALID",
      message: expect.stringContaining(
        "{db.url}, {db.host}, {db.port}), got `{web.url}`",
      ) as string,
    });
    expect(pids).toHaveLength(1);
    expect(() => process.kill(pids[0] as number, 0)).toThrow();
  });

  it("may have a port of its own, which must be free", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;

    await expect(start({ name: "db", port })).rejects.toMatchObject({
      code: "WT_PORT_TAKEN",
      message: expect.stringMatching(
        /to be free for `db` \(.*leave target\.beside\[0\]\.port out/,
      ) as string,
    });
    await close(other);
    const env = { PORT: String(port) };
    const beside = await start({ name: "db", port, env });
    expect(beside.places.get("db")?.port).toBe(port);
  });

  it("is stopped, the last first", async () => {
    const beside = await start({ name: "first" }, { name: "second" });
    const [first, second] = ["first", "second"].map((name) => beside.places.get(name));
    const stopped = beside.stop();
    await vi.waitFor(async () => expect(await isThere(second)).toBe(false), PATIENTLY);
    await stopped;

    expect(await isThere(first)).toBe(false);
    expect(beside.crash()).toBeUndefined();
  });

  it("that ends by itself is told by its name", async () => {
    const beside = await start({ name: "db" }, {});
    expect(beside.crash()).toBeUndefined();
    process.kill(pids[0] as number, "SIGKILL");

    await vi.waitFor(() => expect(beside.crash()).toBeDefined(), PATIENTLY);
    expect(beside.crash()).toMatchObject({
      code: "WT_TARGET_CRASHED",
      message: expect.stringMatching(
        /Expected `db` \(.*server\.mjs.*it ended with signal SIGKILL/,
      ) as string,
    });
  });

  it("that is not ready in time stops those before it", async () => {
    const silent = `"${process.execPath}" "${SERVER}" silent`;
    await expect(start({}, { command: silent, readyTimeoutMs: 300 })).rejects.toMatchObject({
      code: "WT_TARGET_NOT_READY",
      message: expect.stringContaining("raise target.beside[1].readyTimeoutMs") as string,
    });
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  });
});

describe("a server that somebody else has started", () => {
  it("is found, and lost when it takes no connections any more", async () => {
    const server = createServer((_request, response) => response.writeHead(404).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const target = await RemoteTarget.find({ url, readyTimeoutMs: 2000 });

    expect(target.baseUrl).toBe(url);
    expect(await target.lost()).toBeUndefined();
    await expect(
      RemoteTarget.find({ url, ready: "/healthz", readyTimeoutMs: 100 }),
    ).rejects.toMatchObject({
      code: "WT_TARGET_NOT_READY",
      message: expect.stringContaining(
        `answer ${url}/healthz within 100 ms, got status 404`,
      ) as string,
    });

    await target.stop();
    expect(await target.lost()).toBeUndefined();
    await close(server);
    expect(await target.lost()).toMatchObject({
      code: "WT_TARGET_CRASHED",
      message: expect.stringContaining("takes no connections any more") as string,
    });
    expect(target.death).toBeUndefined();
    await expect(RemoteTarget.find({ url, readyTimeoutMs: 100 })).rejects.toMatchObject({
      code: "WT_TARGET_NOT_READY",
      message: expect.stringContaining("got ECONNREFUSED. Start it first") as string,
    });
  });
});

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function isThere(place: { readonly url: string } | undefined): Promise<boolean> {
  return place !== undefined && isPortTaken(placeOf(place.url));
}
