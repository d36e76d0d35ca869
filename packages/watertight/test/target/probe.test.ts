import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createProbeServer, type ProbeServer } from "../../dist/target/probe/probe-server.js";
import { readHeapSnapshot } from "../../src/detectors/heap-graph/snapshot.ts";
import { createLineReader } from "../../src/target/probe/messages.ts";

// Processes take their time on a busy machine.
const PATIENTLY = { timeout: 20_000 };
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

// What is loaded into a target is what was built: these tests look at the built probe.
const PROBED = fileURLToPath(new URL("./fixtures/probed.mjs", import.meta.url));

const children = new Set<ChildProcess>();
const servers = new Set<ProbeServer>();
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of servers) await server[Symbol.asyncDispose]();
  children.clear();
  servers.clear();
});

async function openServer(existingNodeOptions?: string): Promise<ProbeServer> {
  const server = await createProbeServer({ existingNodeOptions });
  servers.add(server);
  return server;
}

async function startProbed(server: ProbeServer, behaviour = "plain"): Promise<ChildProcess> {
  const child = fork(PROBED, [behaviour], {
    env: { ...process.env, ...server.env },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.add(child);
  await once(child, "message");
  await vi.waitFor(() => expect(server.processes().length).toBeGreaterThan(0), PATIENTLY);
  return child;
}

describe("a probed process", () => {
  it("says who it is, and how much memory it uses", async () => {
    const server = await openServer();
    const child = await startProbed(server);
    const [probed] = server.processes();

    expect(probed).toMatchObject({ pid: child.pid, node: process.version });
    const memory = await probed?.memory();
    expect(memory?.heapUsed).toBeGreaterThan(1_000_000);
  });

  it("says what it has worked, and never less than before", async () => {
    const server = await openServer();
    await startProbed(server);
    const [probed] = server.processes();

    const before = await probed?.cpu();
    const after = await probed?.cpu();
    expect(before?.cpuMs).toBeGreaterThan(0);
    expect(after?.cpuMs).toBeGreaterThanOrEqual(before?.cpuMs ?? 0);
    expect(after?.atMs).toBeGreaterThan(before?.atMs ?? 0);
    expect(after?.loopMs).toBeGreaterThan(0);
    expect(after?.loopMs).toBeLessThanOrEqual(after?.atMs ?? 0);
  });

  it("says whether it listens on a port", async () => {
    const server = await openServer();
    await startProbed(server);
    await startProbed(server, "listening");
    await vi.waitFor(() => expect(server.processes()).toHaveLength(2), PATIENTLY);

    const answers = await Promise.all(server.processes().map((probed) => probed.isListening()));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it("writes its heap to a file", async () => {
    const server = await openServer();
    await startProbed(server);
    const folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
    const file = join(folder, "test.heapsnapshot");

    await server.processes()[0]?.heap(file);
    const heap = await readHeapSnapshot(file, { sentinel: "a marked" });

    expect(heap.strings.indexOf("Marked")).toBeGreaterThan(-1);
    await rm(folder, { recursive: true });
  });

  it("says why it can't write its heap", async () => {
    const server = await openServer();
    await startProbed(server);

    await expect(server.processes()[0]?.heap("/no/such/folder/file")).rejects.toMatchObject({
      code: "WT_PROBE_FAILED",
      message: expect.stringContaining("ENOENT") as string,
    });
  });

  it("answers several questions that were asked at once", async () => {
    const server = await openServer();
    await startProbed(server);
    const [probed] = server.processes();

    const answers = await Promise.all([probed?.memory(), probed?.memory(), probed?.memory()]);

    expect(answers.every((memory) => (memory?.rss ?? 0) > 0)).toBe(true);
  });

  it("prints nothing of its own", async () => {
    const server = await openServer();
    const child = await startProbed(server);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (printed += text));
    }

    await server.processes()[0]?.memory();
    child.kill("SIGKILL");
    await once(child, "close");

    expect(printed).toBe("");
  });

  it("is gone from the list when it ends, and refuses questions at once", async () => {
    const server = await openServer();
    const child = await startProbed(server);
    const [probed] = server.processes();
    const asked = probed?.memory();

    child.kill("SIGKILL");

    await expect(asked).rejects.toMatchObject({ code: "WT_PROBE_FAILED" });
    await vi.waitFor(() => expect(server.processes()).toEqual([]), PATIENTLY);
    await expect(probed?.memory()).rejects.toThrow("but it ended");
  });

  it("reports for itself, not for its worker threads", async () => {
    const server = await openServer();
    const child = await startProbed(server, "worker");
    await server.processes()[0]?.memory();

    expect(server.processes().map(({ pid }) => pid)).toEqual([child.pid]);
  });

  it("lists the processes that it starts after itself", async () => {
    const server = await openServer();
    const child = await startProbed(server, "parent");

    await vi.waitFor(() => expect(server.processes()).toHaveLength(2), PATIENTLY);
    expect(server.processes()[0]?.pid).toBe(child.pid);
  });

  it.each(["plain", "stubborn"])(
    "that is %s ends itself when it loses the suite",
    async (behaviour) => {
      const server = await openServer();
      const child = await startProbed(server, behaviour);
      const ended = once(child, "exit");

      await server[Symbol.asyncDispose]();
      servers.delete(server);

      const [, signal] = (await ended) as [unknown, string];
      expect(signal).toBe(behaviour === "stubborn" ? "SIGKILL" : "SIGTERM");
    },
  );
});

describe("the environment of a probe", () => {
  it("keeps the NODE_OPTIONS that were there", async () => {
    const server = await openServer("--title=kept");

    expect(server.env.NODE_OPTIONS).toMatch(/^--title=kept --import=file:.*preload\.js$/);
    expect((await openServer()).env.NODE_OPTIONS).toMatch(/^--import=file:/);
  });

  it("does nothing in a process that has lost its socket before it starts", async () => {
    const server = await createProbeServer({ existingNodeOptions: undefined });
    await server[Symbol.asyncDispose]();
    const child = fork(PROBED, [], {
      env: { ...process.env, ...server.env },
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    children.add(child);
    await once(child, "message");

    child.send("are you there?");

    expect(await once(child, "message")).toEqual([1, undefined]);
  });
});

describe("a line reader", () => {
  it("hands over lines that arrive in pieces", () => {
    const lines: string[] = [];
    const read = createLineReader((line) => lines.push(line));

    for (const piece of ["on", "e\ntw", "o\n", "\nthree"]) read(piece);

    expect(lines).toEqual(["one", "two", ""]);
  });
});
