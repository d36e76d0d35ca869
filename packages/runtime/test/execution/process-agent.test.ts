import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { processAgent } from "../../src/execution/isolated-agent.ts";
import { CellBench, MODULE } from "./cell-bench.ts";
import { DEATH_WITHIN_MS, describeCells } from "./describe-cells.ts";

const HOST = fileURLToPath(new URL("./fixtures/host.mjs", import.meta.url));

function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
}

describeCells("process", processAgent);

describe("an agent in a process", { timeout: 30_000 }, () => {
  it.each([
    ["is killed", "isKilled", "killed by SIGKILL"],
    ["takes memory outside of its heap", "eatsBuffers", "out of memory"],
  ])("that %s dies, with a cause to tell", async (_, exportName, cause) => {
    await using cells = new CellBench();
    const startedAt = performance.now();

    const agent = processAgent({ module: MODULE, exportName, maxMemoryMb: 32 });

    expect(await cells.start(agent).ended).toEqual({ status: "died", cause });
    expect(performance.now() - startedAt).toBeLessThan(DEATH_WITHIN_MS);
  });

  it("leaves no process behind, neither its own nor one that it started, however it ends", async () => {
    await using cells = new CellBench();
    const agent = processAgent({ module: MODULE, exportName: "breeds", graceMs: 50 });
    const run = cells.start(agent);
    const { pid, child } = await cells.first<{ pid: number; child: number }>();
    expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);

    cells.bench.registry.cancel("run");
    expect(await run.ended).toEqual({ status: "cancelled" });

    await expect
      .poll(() => [isAlive(pid), isAlive(child)], { timeout: 5000 })
      .toEqual([false, false]);
  });

  it("that has returned is gone soon after", async () => {
    await using cells = new CellBench();
    const outcome = await cells.start(processAgent({ module: MODULE, graceMs: 60_000 })).ended;
    const { pid } = (outcome as { result: { pid: number } }).result;

    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  it.each(["loops", "hangs"])(
    "that %s does not outlive this process, though it is killed",
    async (name) => {
      const host = spawn(process.execPath, [HOST, name], { stdio: ["ignore", "pipe", "inherit"] });
      const [line] = (await once(host.stdout, "data")) as [Buffer];
      const { pid } = JSON.parse(line.toString()) as { pid: number };
      expect(isAlive(pid)).toBe(true);

      host.kill("SIGKILL");

      await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    },
  );
});
