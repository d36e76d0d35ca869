import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createLoopWatchdog, type LoopWatchdogOptions } from "../../src/execution/loop-watchdog.ts";

/** A watchdog that writes to a file of its own. */
class WatchdogBench implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "watchdog-"));
  readonly #fd = openSync(join(this.#folder, "lines"), "a");
  readonly blocked: number[] = [];
  readonly errors: unknown[] = [];
  readonly watchdog;

  constructor(options: Partial<LoopWatchdogOptions> = {}) {
    this.watchdog = createLoopWatchdog({
      loopBlockedMs: 200,
      fd: this.#fd,
      onBlocked: (blockedMs) => void this.blocked.push(blockedMs),
      onError: (error) => void this.errors.push(error),
      ...options,
    });
  }

  get lines(): readonly Record<string, unknown>[] {
    const text = readFileSync(join(this.#folder, "lines"), "utf8");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watchdog.dispose();
    closeSync(this.#fd);
    rmSync(this.#folder, { recursive: true });
  }
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("a loop watchdog", { timeout: 20_000 }, () => {
  it("writes a line while the loop stands still, and tells for how long when it goes on", async () => {
    await using bench = new WatchdogBench();
    // The thread takes a moment to begin to look.
    await delay(300);

    for (const times of [1, 2]) {
      const [lines, blocked] = [bench.lines.length, bench.blocked.length];
      block(1200);
      const line = bench.lines.at(-1) ?? {};
      await expect.poll(() => bench.blocked.length, { timeout: 5000 }).toBeGreaterThan(blocked);

      expect(bench.lines.length, `time ${times}`).toBeGreaterThan(lines);
      expect(line).toMatchObject({ level: "warn", msg: "event loop blocked", pid: process.pid });
      expect(line["blockedMs"]).toBeGreaterThan(200);
      expect(Object.keys(line)).toEqual(["level", "time", "pid", "msg", "blockedMs"]);
      expect(Math.max(...bench.blocked)).toBeGreaterThan(1000);
    }
  });

  it("says nothing of a loop that goes around", async () => {
    await using bench = new WatchdogBench({ loopBlockedMs: 5000 });

    await delay(300);
    block(100);
    await delay(50);

    expect([bench.lines, bench.blocked]).toEqual([[], []]);
  });

  it("goes on though who listens throws", async () => {
    await using bench = new WatchdogBench({
      onBlocked: () => {
        throw new Error("deaf");
      },
    });

    block(500);

    await expect.poll(() => bench.errors[0]).toMatchObject({ message: "deaf" });
  });

  it("ends, twice, and is silent then", async () => {
    await using bench = new WatchdogBench();
    await Promise.all([bench.watchdog.dispose(), bench.watchdog.dispose()]);

    const before = [bench.lines.length, bench.blocked.length];

    block(500);
    await delay(50);

    expect([bench.lines.length, bench.blocked.length]).toEqual(before);
  });

  it.each([{ loopBlockedMs: 9 }, { loopBlockedMs: 2 ** 31 }, { onBlocked: 1 as never }])(
    "refuses %j",
    (options) => {
      expect(() => createLoopWatchdog({ loopBlockedMs: 100, ...options })).toThrow(
        Object.keys(options)[0],
      );
    },
  );
});
