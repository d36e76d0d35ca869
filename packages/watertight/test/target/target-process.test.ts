import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { findFreePort } from "../../src/target/port.ts";
import type { Ready } from "../../src/target/readiness.ts";
import { TargetProcess, type TargetProcessOptions } from "../../src/target/target-process.ts";

// Processes take their time on a busy machine.
const PATIENTLY = { timeout: 20_000 };
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SERVER = fileURLToPath(new URL("./fixtures/server.mjs", import.meta.url));

const started = new Set<TargetProcess>();
afterEach(async () => {
  await Promise.all([...started].map((target) => target.stop()));
  started.clear();
});

async function start(
  behaviour: string,
  changes: Partial<TargetProcessOptions> = {},
): Promise<TargetProcess> {
  const port = await findFreePort();
  const options = {
    command: `"${process.execPath}" "${SERVER}" ${behaviour}`,
    cwd: process.cwd(),
    env: { ...process.env, PORT: String(port) },
    baseUrl: `http://127.0.0.1:${port}`,
    readyTimeoutMs: 10_000,
    ...changes,
  };
  const target = await TargetProcess.start(options, () => {});
  started.add(target);
  return target;
}

/** A process that has ended and that nobody has asked for its exit code yet is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const isZombie = process.platform === "linux" && stateOf(pid) === "Z";
    return !isZombie;
  } catch {
    return false;
  }
}

function stateOf(pid: number): string | undefined {
  return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
}

describe("a target", () => {
  it("without a ready path is ready at any answer", async () => {
    const target = await start("plain");

    expect((await fetch(target.baseUrl)).status).toBe(404);
    expect(target.death).toBeUndefined();
  });

  it("with a ready path is ready when that answers 2xx", async () => {
    const target = await start("plain", { ready: "/healthz" });

    expect(isAlive(target.pid)).toBe(true);
  });

  it.each<[string, Ready]>([
    ["a port that takes connections", { port: true }],
    ["a path in an object", { path: "/healthz" }],
    ["a line that it prints", { line: "ready at http" }],
    ["a line of a form", { line: /^ready at/gy }],
  ])("is ready by %s", async (_, ready) => {
    const target = await start("plain", { ready });

    expect((await fetch(target.baseUrl)).status).toBe(404);
    expect(target.baseUrl).toMatch(/^http:\/\/127/);
  });

  it.each([/ready at (?<url>\S+)/, /localhost:(?<port>\d+)/])(
    "that prints where it is (%s) is found there",
    async (line) => {
      const env = { ...process.env, PORT: "0" };
      const target = await start("plain", { env, baseUrl: undefined, ready: { line } });

      expect((await fetch(target.baseUrl)).status).toBe(404);
      expect(new URL(target.baseUrl).port).not.toBe("0");
    },
  );

  it.each<Ready>([{ line: "never" }, { port: true }, "/healthz"])(
    "that ends is not waited for, whatever it was to do: %j",
    async (ready) => {
      await expect(start("fails", { ready, readyTimeoutMs: 600_000 })).rejects.toMatchObject({
        code: "WT_TARGET_EXITED",
        message: expect.stringContaining("EADDRINUSE") as string,
      });
    },
  );

  it("that lacks a package says which, and what to do", async () => {
    await expect(start("needy")).rejects.toMatchObject({
      code: "WT_TARGET_EXITED",
      message: expect.stringContaining("The package `@no-such/package` is not there") as string,
    });
  });

  it("tells of rejections that nobody handled", async () => {
    const target = await start("unlucky");

    await vi.waitFor(() => expect(target.complaints).toHaveLength(1), PATIENTLY);
    expect(target.complaints[0]).toContain("1 unhandled rejection; the first: Error: no such row");
  });

  it("tells its process group before it is ready", async () => {
    const pids: number[] = [];
    const port = await findFreePort();

    const refused = TargetProcess.start(
      {
        command: `"${process.execPath}" "${SERVER}" silent`,
        cwd: process.cwd(),
        env: { ...process.env },
        baseUrl: `http://127.0.0.1:${port}`,
        readyTimeoutMs: 300,
      },
      (pid) => pids.push(pid),
    );

    await expect(refused).rejects.toMatchObject({ code: "WT_TARGET_NOT_READY" });
    expect(pids).toHaveLength(1);
    expect(isAlive(pids[0] as number)).toBe(false);
  });

  it("that is silent is given up with what was found last", async () => {
    await expect(start("silent", { readyTimeoutMs: 600 })).rejects.toMatchObject({
      code: "WT_TARGET_NOT_READY",
      message: expect.stringContaining("within 600 ms, got ECONNREFUSED") as string,
    });
  });

  it("that ends before it is ready is reported with its exit code and what it printed", async () => {
    await expect(start("fails")).rejects.toMatchObject({
      code: "WT_TARGET_EXITED",
      message: expect.stringMatching(
        /ended with exit code 3[^]*Another process listens on its port[^]*EADDRINUSE/,
      ) as string,
    });
  });

  it.each(["no-such-program --flag", "", "   ", '""'])(
    "can't be started by `%s`",
    async (command) => {
      await expect(start("plain", { command })).rejects.toMatchObject({
        code: "WT_TARGET_NOT_FOUND",
      });
    },
  );

  it("can't be started in a folder that doesn't exist", async () => {
    const cwd = `${process.cwd()}/no-such-folder`;

    await expect(start("plain", { cwd })).rejects.toMatchObject({ code: "WT_TARGET_NOT_FOUND" });
  });

  it("that dies in the middle is noticed, one that was stopped on purpose is not dead", async () => {
    const target = await start("plain");
    await expect(fetch(`${target.baseUrl}/crash`)).rejects.toThrow();
    await vi.waitFor(() => expect(target.death).toBe("exit code 7"), PATIENTLY);

    const other = await start("plain");
    process.kill(other.pid, "SIGKILL");
    await vi.waitFor(() => expect(other.death).toBe("signal SIGKILL"), PATIENTLY);

    const last = await start("plain");
    await last.stop();
    expect(last.death).toBeUndefined();
  });

  it("keeps the last 16 KiB of what it printed", async () => {
    const target = await start("talkative");

    await vi.waitFor(() => expect(target.output).toContain("the end"), PATIENTLY);
    expect(target.output).toHaveLength(16 * 1024);
  });
});

describe("stopping a target", () => {
  it("ends what it started as well, even if neither listens to SIGTERM", async () => {
    const target = await start("stubborn");
    const child = Number(/child (\d+)/.exec(target.output)?.[1]);
    expect([isAlive(target.pid), isAlive(child)]).toEqual([true, true]);

    await target.stop();

    expect(isAlive(target.pid)).toBe(false);
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), PATIENTLY);
  });

  it("is done at once when it obeys, may be repeated, and leaves no timer behind", async () => {
    const target = await start("plain");
    const timersBefore = countTimers();

    await target.stop();
    await target.stop();

    expect(countTimers()).toBeLessThanOrEqual(timersBefore);
    expect(isAlive(target.pid)).toBe(false);
  });

  it("after it died by itself is fine", async () => {
    const target = await start("plain");
    process.kill(target.pid, "SIGKILL");
    await vi.waitFor(() => expect(target.death).toBeDefined(), PATIENTLY);

    await target.stop();
  });
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
