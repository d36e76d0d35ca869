import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLmdbEventLog } from "../../src/drivers/lmdb/lmdb-event-log.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { framesOf, PAGE } from "../conformance/log-bench.ts";
import { buildLogProcess, LogProcess } from "./log-process.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("the lmdb log, its process killed", () => {
  let program = "";
  const folder = new TemporaryFolder();
  beforeAll(async () => {
    program = await buildLogProcess(folder.path);
  });
  afterAll(() => folder[Symbol.dispose]());

  for (const durability of ["process", "power"] as const) {
    it(`while it appends (${durability}), has every record that it answered for, whole and in order`, async () => {
      using place = new TemporaryFolder();
      const told = new Map<string, number>();
      const epochs = new Map<string, string>();
      for (let kill = 1; kill <= 3; kill += 1) {
        await using writer = new LogProcess(program, ["write", place.path, durability]);
        await writer.said((lines) => lines.length > 30 * kill);
        await writer.kill();
        for (const line of writer.lines) {
          const [name = "", , last = 0] = line.split(" ");
          told.set(name, Number(last));
        }

        await using log = createLmdbEventLog({ folder: place.path, durability });
        for (const [name, last] of told) {
          const handle = await log.open(createUserContext({ userId: name }));
          expect(handle.last).toBeGreaterThanOrEqual(last);
          expect(handle.epoch).toBe(epochs.get(name) ?? handle.epoch);
          epochs.set(name, handle.epoch);
          const records = await handle.read(0, PAGE);
          expect(records).toHaveLength(handle.last);
          const wrong = records.filter(
            ({ seq, frame }, index) => seq !== index + 1 || !frame.startsWith(`${name} ${seq} `),
          );
          expect(wrong).toEqual([]);
        }
      }
      expect(told.size).toBe(3);
    }, 60_000);
  }

  it("leaves nobody's lock behind; alive, it is named to who comes second", async () => {
    using place = new TemporaryFolder();
    await using holder = new LogProcess(program, ["hold", place.path]);
    await holder.said((lines) => lines.length > 0);

    const open = (): unknown => createLmdbEventLog({ folder: place.path });
    expect(open).toThrow(expect.objectContaining({ code: "WT_LOG_LOCKED" }));
    expect(open).toThrow(`process ${holder.pid}`);
    expect(open).toThrow(place.path);
    await holder.kill();

    await using log = createLmdbEventLog({ folder: place.path });
    expect(await framesOf(await log.open(createUserContext({ userId: "a" })))).toEqual(["1"]);
    await using second = new LogProcess(program, ["hold", place.path]);
    await expect(second.said((lines) => lines[0]?.startsWith("held") === true)).rejects.toThrow(
      `process ${process.pid}`,
    );
  }, 30_000);

  it("is one of many that want the folder at once: one gets it", async () => {
    using place = new TemporaryFolder();
    const wanting = Array.from({ length: 5 }, () => new LogProcess(program, ["hold", place.path]));
    const got = await Promise.all(
      wanting.map((one) =>
        one
          .said((lines) => lines.length > 0 && lines[0]?.startsWith("held") === true)
          .then(
            () => true,
            (error: Error) => {
              expect(error.message).toContain("WT_LOG_LOCKED");
              return false;
            },
          ),
      ),
    );
    await Promise.all(wanting.map((one) => one.kill()));
    expect(got.filter(Boolean)).toHaveLength(1);
  }, 30_000);

  it.skipIf(process.platform !== "linux")(
    "that may write no more to the disk refuses appends, loses nothing, and goes on when it may",
    async () => {
      using place = new TemporaryFolder();
      // Blocks of 1,024 bytes; the signal that comes with the limit is ignored, so that writes fail.
      const limit = "trap '' XFSZ; ulimit -S -f 400";
      await using writer = new LogProcess(program, ["write", place.path], limit);
      const refusals = (lines: readonly string[]): string[] =>
        lines.filter((line) => line.includes(" refused "));
      await writer.said((lines) =>
        ["a", "b", "c"].every((name) => refusals(lines).some((line) => line.startsWith(name))),
      );
      for (const line of refusals(writer.lines)) expect(line).toContain("WT_LOG_UNWRITABLE");

      const refusedAt = writer.lines.length;
      execFileSync("prlimit", ["--pid", `${writer.pid}`, "--fsize=unlimited"]);
      await writer.said(
        (lines) =>
          numbersOf(lines.slice(refusedAt)).get("c") !== undefined && lines.length > refusedAt + 50,
      );
      await writer.kill();
      const told = numbersOf(writer.lines);
      expect([...told.keys()].toSorted()).toEqual(["a", "b", "c"]);

      await using log = createLmdbEventLog({ folder: place.path });
      for (const [name, numbers] of told) {
        const handle = await log.open(createUserContext({ userId: name }));
        const records = await handle.read(0, PAGE);
        // Each number was answered for once: nothing that was refused had been written.
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect(records.length).toBeGreaterThanOrEqual(numbers.length);
        const wrong = records.filter(({ seq, frame }) => !frame.startsWith(`${name} ${seq} `));
        expect(wrong).toEqual([]);
      }
    },
    30_000,
  );
});

/** The numbers of the records that were answered for, of each user, in the order of the answers. */
function numbersOf(lines: readonly string[]): Map<string, number[]> {
  const told = new Map<string, number[]>();
  for (const line of lines) {
    const [, name = "", first = "", last = ""] = /^([abc]) (\d+) (\d+)$/.exec(line) ?? [];
    if (name === "") continue;
    const numbers = told.get(name) ?? [];
    for (let seq = Number(first); seq <= Number(last); seq += 1) numbers.push(seq);
    told.set(name, numbers);
  }
  return told;
}
