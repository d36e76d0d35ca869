import { lstat, mkdtemp, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { replaceFile } from "../../src/cli/replace-file.ts";

describe("replaceFile", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "watertight-replace-"));
  });

  it("writes a new file and replaces an old one, and leaves nothing else", async () => {
    const path = join(folder, "a.prom");
    await replaceFile(path, "one");
    await replaceFile(path, "two");

    expect(await readFile(path, "utf8")).toBe("two");
    expect(await readdir(folder)).toEqual(["a.prom"]);
  });

  it("never shows half a text to who reads meanwhile", async () => {
    const path = join(folder, "a.json");
    const texts = ["a", "b"].map((letter) => letter.repeat(4_000_000));
    await replaceFile(path, texts[0] ?? "");
    const seen = new Set<string>();
    let isDone = false;
    const reader = (async () => {
      while (!isDone) seen.add(await readFile(path, "utf8"));
    })();
    for (let round = 0; round < 10; round += 1) await replaceFile(path, texts[round % 2] ?? "");
    isDone = true;
    await reader;

    expect(seen.size).toBeGreaterThan(0);
    for (const text of seen) expect(texts).toContain(text);
  });

  it("leaves the old file, and no draft, when it fails", async () => {
    const path = join(folder, "a.json");
    await writeFile(path, "old");
    const notText = { toString: "no" } as unknown as string;

    await expect(replaceFile(path, notText)).rejects.toThrow();
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a.json"]);
    await expect(replaceFile(join(folder, "no/such/a"), "text")).rejects.toThrow("ENOENT");
  });

  it("writes through a link, and to what is no file", async () => {
    const path = join(folder, "real.json");
    const link = join(folder, "link.json");
    await writeFile(path, "old");
    await symlink(path, link);
    await replaceFile(link, "new");
    await replaceFile("/dev/null", "gone");

    expect(await readFile(path, "utf8")).toBe("new");
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
  });
});
