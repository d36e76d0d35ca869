import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { describe, expect, it } from "vitest";
import {
  createLmdbEventLog,
  type LmdbEventLog,
  type LmdbEventLogOptions,
} from "../../src/drivers/lmdb/lmdb-event-log.ts";
import { begin, codeOf, end, event, framesOf, PAGE, userOf } from "../conformance/log-bench.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const invalid = expect.objectContaining({ code: "WT_OPTION_INVALID" });
const unreadable = expect.objectContaining({ code: "WT_LOG_UNREADABLE" });

/** Opens the log in `folder`, does something with it, and disposes of it. */
async function withLog<T>(
  folder: string,
  use: (log: LmdbEventLog) => Promise<T>,
  options: Omit<LmdbEventLogOptions, "folder"> = {},
): Promise<T> {
  await using log = createLmdbEventLog({ folder, ...options });
  return await use(log);
}

async function fill(folder: string, records = 300): Promise<string> {
  return withLog(folder, async (log) => {
    const handle = await log.open(userOf("alice"));
    for (let index = 0; index < records; index += 100) {
      const some = Array.from({ length: 100 }, (_, more) =>
        event(`${index + more}`.padEnd(500, ".")),
      );
      await handle.append(some);
    }
    await (await log.open(userOf("bob"))).append([event("bob's")]);
    return handle.epoch;
  });
}

/** How many entries the tables have, in a folder that nobody has open. */
async function countsOf(folder: string): Promise<Record<string, number>> {
  const database = open({ path: folder, maxDbs: 8 });
  const counts = ["logs", "chunks", "runs", "erased"].map((name) => {
    const table = database.openDB(name, { keyEncoding: "binary", encoding: "binary" });
    return [name, table.getCount()] as const;
  });
  await database.close();
  return Object.fromEntries(counts);
}

/** Changes a text wherever the store has it. */
function tear(folder: string, text: string): void {
  const path = join(folder, "data.mdb");
  const data = readFileSync(path);
  expect(data.includes(text)).toBe(true);
  for (let at = data.indexOf(text); at >= 0; at = data.indexOf(text, at + 1)) data.write("XX", at);
  writeFileSync(path, data);
}

describe("the folder of an lmdb log", () => {
  it("is had by one opener at a time, also within one process", async () => {
    using folder = new TemporaryFolder("fast");
    const open = (): LmdbEventLog => createLmdbEventLog({ folder: folder.path });
    const first = open();
    for (let times = 0; times < 3; times += 1) {
      expect(open).toThrow(expect.objectContaining({ code: "WT_LOG_LOCKED" }));
    }
    await (await first.open(userOf("alice"))).append([event("1")]);
    await first[Symbol.asyncDispose]();

    await using again = open();
    expect(await framesOf(await again.open(userOf("alice")))).toEqual(["1"]);
    expect(open).toThrow(`process ${process.pid}`);
  });

  it("is made when it is not there, and can be reached by more than one path", async () => {
    using folder = new TemporaryFolder("fast");
    const deep = join(folder.path, "a", "b");
    await using _ = createLmdbEventLog({ folder: deep });
    expect(existsSync(deep)).toBe(true);
    expect(() => createLmdbEventLog({ folder: join(folder.path, "a", ".", "b", "") })).toThrow(
      expect.objectContaining({ code: "WT_LOG_LOCKED" }),
    );
  });

  it("that is none, or has something else in it, is refused with what to do, and left alone", async () => {
    using folder = new TemporaryFolder("fast");
    const file = join(folder.path, "file");
    writeFileSync(file, "text");
    expect(() => createLmdbEventLog({ folder: file })).toThrow(unreadable);

    const contents = { text: "hello ".repeat(5000), short: "x", zeros: "\0".repeat(8192) };
    for (const [name, content] of Object.entries(contents)) {
      const foreign = join(folder.path, name);
      mkdirSync(foreign);
      writeFileSync(join(foreign, "data.mdb"), content);
      const opening = (): unknown => createLmdbEventLog({ folder: foreign });
      expect(opening).toThrow(unreadable);
      expect(opening).toThrow(foreign);
      expect(opening).toThrow("move it away");
      expect(readFileSync(join(foreign, "data.mdb"), "utf8")).toBe(content);
    }

    const others = join(folder.path, "others");
    const database = open({ path: others });
    await database.put("key", "value");
    await database.close();
    expect(() => createLmdbEventLog({ folder: others })).toThrow(unreadable);
    const again = open({ path: others });
    expect(again.get("key")).toBe("value");
    await again.close();
  });

  it("whose file was cut off is refused when it is opened, unless nothing that counts was cut off", async () => {
    using folder = new TemporaryFolder("fast");
    const whole = join(folder.path, "whole");
    const names = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    await withLog(whole, async (log) => {
      const logs = await Promise.all(names.map((name) => log.open(userOf(name))));
      for (let call = 0; call < 20; call += 1) {
        await Promise.all(logs.map((one) => one.append([event("x".repeat(200))])));
      }
      await logs[0]?.append([event("y".repeat(20_000))]);
    });
    const { size } = statSync(join(whole, "data.mdb"));
    const pages = Array.from({ length: 8 }, (_, index) => size - (index + 1) * 4096);
    const cuts = [100, 8192, Math.floor(size / 2), ...pages, size - 1];
    const refused: number[] = [];
    for (const left of cuts) {
      const cut = join(folder.path, `cut-${left}`);
      cpSync(whole, cut, { recursive: true });
      truncateSync(join(cut, "data.mdb"), left);
      let isOpen = false;
      try {
        await using log = createLmdbEventLog({ folder: cut });
        isOpen = true;
        for (const [index, name] of names.entries()) {
          const records = await framesOf(await log.open(userOf(name)));
          expect(records).toHaveLength(index === 0 ? 21 : 20);
        }
      } catch (error) {
        // Later would be too late: a reader might only see fewer records.
        expect([error, isOpen]).toEqual([unreadable, false]);
        refused.push(left);
      }
    }
    expect(refused).toEqual(expect.arrayContaining(cuts.slice(0, 3)));
    expect(refused).not.toContain(size - 1);
  }, 30_000);

  it("with a torn record rejects what needs it, and nobody else suffers", async () => {
    using folder = new TemporaryFolder("fast");
    await fill(folder.path, 100);
    tear(folder.path, "99.....");

    await withLog(folder.path, async (log) => {
      expect(await codeOf(log.open(userOf("alice")))).toBe("WT_LOG_UNREADABLE");
      const bob = await log.open(userOf("bob"));
      const codes = await Promise.all([
        codeOf(bob.append([event("2")])),
        codeOf(log.open(userOf("alice"))),
      ]);
      expect(codes).toEqual([undefined, "WT_LOG_UNREADABLE"]);
      expect(await framesOf(bob)).toEqual(["bob's", "2"]);
      await log.erase(userOf("alice"));
      expect((await log.open(userOf("alice"))).last).toBe(0);
    });
  });

  it("with a record that turns out to be torn when it is trimmed refuses that user's append, whole", async () => {
    using folder = new TemporaryFolder("fast");
    await withLog(folder.path, async (log) => {
      const handle = await log.open(userOf("alice"));
      for (let part = 1; part <= 5; part += 1) await handle.append([event(`part-${part}`)]);
    });
    tear(folder.path, "part-3");

    await withLog(
      folder.path,
      async (log) => {
        const [alice, bob] = [await log.open(userOf("alice")), await log.open(userOf("bob"))];
        await alice.append([event("6")]);
        const codes = await Promise.all([
          codeOf(bob.append([event("1")])),
          codeOf(alice.append([begin("lost"), event("lost")])),
          codeOf(bob.append([event("2")])),
        ]);
        expect(codes).toEqual([undefined, "WT_LOG_UNREADABLE", undefined]);
        expect([alice.last, await alice.runs()]).toEqual([6, []]);
        expect(await framesOf(alice, 5)).toEqual(["6"]);
        expect(await framesOf(bob)).toEqual(["1", "2"]);
      },
      { retention: { maxRecords: 5 } },
    );
  });

  it("has nothing in its tables of a user who was erased", async () => {
    using folder = new TemporaryFolder("fast");
    await fill(folder.path, 100);
    await withLog(folder.path, async (log) => {
      const alice = await log.open(userOf("alice"));
      for (let run = 0; run < 100; run += 1) await alice.append([begin(`${run}`)]);
      await log.erase(alice.user);
    });
    expect(await countsOf(folder.path)).toEqual({ logs: 1, chunks: 1, runs: 0, erased: 0 });
  });

  it("with a torn record is swept all the same", async () => {
    using folder = new TemporaryFolder("fast");
    const names = ["alice", "b", "c", "d", "e", "f", "g", "h"];
    let now = 1000;
    const options = { retention: { maxAgeMs: 1000 }, now: () => now };
    const write = async (log: LmdbEventLog): Promise<string[]> => {
      const logs = await Promise.all(names.map((name) => log.open(userOf(name))));
      await Promise.all(logs.map((one) => one.append([event(`of ${one.user.userId}`)])));
      return logs.map(({ epoch }) => epoch);
    };
    const before = await withLog(folder.path, write, options);
    tear(folder.path, "of alice");

    await withLog(
      folder.path,
      async (log) => {
        now += 1001;
        for (let times = 0; times < 10; times += 1) await log.sweep();
        const logs = await Promise.all(names.slice(1).map((name) => log.open(userOf(name))));
        expect(logs.filter(({ epoch }) => before.includes(epoch))).toEqual([]);
      },
      options,
    );
  });

  it("that was restored from a backup is opened under new epochs, and numbers go on", async () => {
    using folder = new TemporaryFolder("fast");
    const [place, backup] = [join(folder.path, "place"), join(folder.path, "backup")];
    const epoch = await fill(place, 100);
    cpSync(place, backup, { recursive: true });
    await fill(place, 100);

    const restored = await withLog(
      backup,
      async (log) => {
        const handle = await log.open(userOf("alice"));
        expect(await handle.append([event("101")])).toBe(101);
        const other = await log.open(userOf("carol"));
        expect(other.epoch).not.toBe(handle.epoch);
        return handle.epoch;
      },
      { newEpoch: true },
    );
    expect(restored).not.toBe(epoch);
    const later = await withLog(backup, async (log) => (await log.open(userOf("alice"))).epoch);
    expect(later).toBe(restored);
  });

  it("of a machine that stopped has new epochs, unless every append had waited for the disk", async () => {
    for (const durability of ["process", "power"] as const) {
      using folder = new TemporaryFolder("fast");
      const epoch = await fill(folder.path, 100);
      const session = JSON.stringify({ bootId: "another start", durability, isClosed: false });
      writeFileSync(join(folder.path, "session.json"), session);

      await withLog(folder.path, async (log) => {
        const handle = await log.open(userOf("alice"));
        expect(handle.epoch === epoch).toBe(durability === "power");
        expect(handle.last).toBe(100);
      });
      const closed = JSON.parse(readFileSync(join(folder.path, "session.json"), "utf8"));
      expect(closed).toMatchObject({ isClosed: true });
    }
  });

  it("keeps the secret of its cursors, or takes the one that it is given", async () => {
    using folder = new TemporaryFolder("fast");
    const keyOf = (options: { secret?: string } = {}): Promise<string> =>
      withLog(
        folder.path,
        async (log) => Buffer.from((await log.open(userOf("alice"))).cursorKey).toString("hex"),
        options,
      );
    const own = await keyOf();
    const given = await keyOf({ secret: "s".repeat(32) });
    expect(given).not.toBe(own);
    expect(await keyOf()).toBe(own);
    expect(await keyOf({ secret: "s".repeat(32) })).toBe(given);
  });

  it("ages what was written before the clock was set back", async () => {
    using folder = new TemporaryFolder("fast");
    const retention = { maxAgeMs: 1000 };
    await withLog(
      folder.path,
      async (log) => {
        await (await log.open(userOf("alice"))).append([event("1")]);
      },
      { retention, now: () => 1e12 },
    );
    let now = 5;
    await withLog(
      folder.path,
      async (log) => {
        const handle = await log.open(userOf("alice"));
        await handle.append([event("2")]);
        now += 1000;
        await handle.append([event("3")]);
        expect(await framesOf(handle)).toEqual(["1", "2", "3"]);
        now += 1;
        await log.sweep();
        expect(await framesOf(handle)).toEqual(["3"]);
      },
      { retention, now: () => now },
    );
  });

  it("is left small by users who are gone, a step at a time", async () => {
    using folder = new TemporaryFolder("fast");
    let now = 0;
    await using log = createLmdbEventLog({
      folder: folder.path,
      retention: { maxAgeMs: 1000 },
      now: () => now,
    });
    for (const name of ["a", "b", "c"]) {
      const handle = await log.open(userOf(name));
      const calls = Array.from({ length: 150 }, (_, index) => handle.append([event(`${index}`)]));
      await Promise.all([handle.append([begin("run"), end("run"), begin("open")]), ...calls]);
      await handle.close();
    }
    now = 1001;
    for (let times = 0; times < 60; times += 1) await log.sweep();
    await log[Symbol.asyncDispose]();

    expect(await countsOf(folder.path)).toEqual({ logs: 0, chunks: 0, runs: 0, erased: 0 });
  });

  it("may wait for the disk with every append", async () => {
    using folder = new TemporaryFolder("fast");
    await withLog(
      folder.path,
      async (log) => {
        const handle = await log.open(userOf("alice"));
        const calls = [event("1"), event("2"), event("3")].map((one) => handle.append([one]));
        const refused = codeOf(handle.append([begin("a"), begin("a")]));
        expect(await Promise.all(calls)).toEqual([1, 2, 3]);
        expect(await refused).toBe("WT_RUN_CONFLICT");
        expect(await handle.read(0, PAGE)).toHaveLength(3);
      },
      { durability: "power" },
    );
  });

  it("shows nobody a record before it was answered for, nor a gap while it is trimmed", async () => {
    using folder = new TemporaryFolder("disk");
    const options = { durability: "power", retention: { maxRecords: 5 } } as const;
    await withLog(
      folder.path,
      async (log) => {
        const handle = await log.open(userOf("alice"));
        let told = 0;
        let isOver = false;
        const writing = (async () => {
          for (let seq = 1; seq <= 300; seq += 3) {
            await handle.append([event(`${seq}`), event(`${seq + 1}`), event(`${seq + 2}`)]);
            told = handle.last;
          }
          isOver = true;
        })();
        let reads = 0;
        while (!isOver) {
          const { first, last } = handle;
          const seqs = await handle.read(first - 1, PAGE).then(
            (records) => records.map(({ seq }) => seq),
            (error: { code: string }) => [error.code],
          );
          const whole = Array.from({ length: last - first + 1 }, (_, index) => first + index);
          expect([whole, ["WT_LOG_TRIMMED"]]).toContainEqual(seqs);
          reads += 1;
          await new Promise(setImmediate);
        }
        await writing;
        expect([told, reads > 100]).toEqual([300, true]);
      },
      options,
    );
  });

  it("is opened with options that make sense", () => {
    using folder = new TemporaryFolder("fast");
    const path = folder.path;
    expect(() => createLmdbEventLog({ folder: "" })).toThrow(invalid);
    expect(() => createLmdbEventLog({} as never)).toThrow(invalid);
    expect(() => createLmdbEventLog({ folder: path, secret: "short" })).toThrow(invalid);
    expect(() => createLmdbEventLog({ folder: path, durability: "fast" as never })).toThrow(
      invalid,
    );
    expect(() => createLmdbEventLog({ folder: path, newEpoch: 1 as never })).toThrow(invalid);
    expect(() => createLmdbEventLog({ folder: path, retention: { maxBytes: 0 } })).toThrow(invalid);
    expect(existsSync(join(path, "data.mdb"))).toBe(false);
  });
});
