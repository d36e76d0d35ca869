import { AssertionError } from "node:assert";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { expectScopedFactory } from "../../src/laws/scoped-factory.ts";
import { audited, Cart, moduleTable, twoFacades } from "./fixtures/factories.mjs";

// Snapshots take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const FILE = fileURLToPath(new URL("fixtures/factories.mjs", import.meta.url));
const IMPORTED = fileURLToPath(new URL("fixtures/sessions.mjs", import.meta.url));

function placeOf(text: string, file = FILE): string {
  const lines = readFileSync(file, "utf8").split("\n");
  const line = lines.findIndex((found) => found.includes(text)) + 1;
  if (line === 0) throw new Error(`Expected \`${text}\` in ${file}`);
  return `${file}:${line}`;
}

describe("a factory in a plain Node process", () => {
  let verdicts: Readonly<Record<string, string | null>> = {};

  beforeAll(async () => {
    const program = fileURLToPath(new URL("fixtures/judge-all.mjs", import.meta.url));
    const child = fork(program, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.send("begin");
    [verdicts] = await once(child, "message");
    await once(child, "exit");
  });

  it.each([
    ["makes one for each user, with one frozen config for all", "perUser"],
    ["asks an app that knows everybody and whose users don't know it", "throughApp"],
    ["keeps what it made in a WeakMap, by user", "weakByUser"],
    ["keeps its state in a WeakMap, by instance", "weakByInstance"],
    ["makes what stops its timer when it ends", "stopped"],
  ])("that %s is in order", (_, name) => {
    expect(verdicts[name]).toBeNull();
  });

  it.each([
    ["answers one object to all", "moduleSingleton", "module variable shared", "let shared;"],
    ["makes facades", "twoFacades", "module variable behindFacades", "const behindFacades"],
    ["hides a table in a static", "privateStatic", "private static Registry.#all", "static #all"],
    ["closes over a table", "closure", "closure variable kept", "const kept = {}"],
    ["writes into a variable", "moduleTable", "module variable byUser", "const byUser"],
    ["remembers the last one", "lastOne", "module variable last", "let last;"],
  ])("that %s is refused, with the line", (_, name, variable, declaration) => {
    expect(verdicts[name]).toContain(`held by  ${variable} (${placeOf(declaration)})`);
  });

  it("that writes into what another module exports is refused, with the line there", () => {
    const place = placeOf("sessions", IMPORTED);
    expect(verdicts["importedTable"]).toContain(`held by  export sessions (${place})`);
  });

  it("whose class has state on its prototype is refused, with the way", () => {
    expect(verdicts["prototypeState"]).toContain("way      __proto__ → items → Array");
  });

  it("that promises to keep what a user left must do so", () => {
    expect(verdicts["perCall"]).toContain("Expected the factory to keep what user-0 left");
  });

  it.each([
    ["a timer holds", "undisposed", "closure variable this"],
    ["an archive holds", "archived", `module variable ended (${placeOf("const ended")})`],
    ["an app holds", "leftWithApp", "module variable app"],
  ])("of which %s what has ended is refused", (_, name, keeper) => {
    expect(verdicts[name]).toContain("Expected what was disposed to be collectable");
    expect(verdicts[name]).toContain(`held by  ${keeper}`);
  });

  it("of whose instances nothing can be seen proves nothing", () => {
    expect(verdicts["forgetful"]).toMatch(/^AssertionError: .*so nothing was proved/);
  });
});

describe("a factory in the process of a runner that rewrites modules", () => {
  const use = (instance: { put(item: string): void }, canary: string): void => instance.put(canary);

  it("is in order if it makes one for each user", async () => {
    await expectScopedFactory((user) => new Cart(user), { use, dispose: (cart) => cart.end() });
  });

  it("is refused if it makes facades, at the line that asked", async () => {
    const error = await expectScopedFactory(twoFacades, { use }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({ message: expect.stringContaining("way      #table → Map") });
    expect((error as Error).stack).toMatch(/\n {4}at .*scoped-factory\.test\.ts/);
  });

  it.each([
    ["beside it", moduleTable, "it can touch what user-1 left"],
    ["of another module, and keeps it, too", audited, "it can touch what user-1 left"],
  ])("is refused if its code writes into a table %s", async (_, create, message) => {
    await expect(expectScopedFactory(create, { use })).rejects.toThrow(message);
  });
});

it("what makes nothing that could hold data is told so, and so is a `use` that throws", async () => {
  const use = (): void => {
    throw new Error("out of stock");
  };
  await expect(expectScopedFactory(() => 3, { use })).rejects.toThrow("an object or a function");
  await expect(expectScopedFactory(() => ({}), { use })).rejects.toThrow("out of stock");
});

it("ends what it had made also when the law is broken", async () => {
  const ended: string[] = [];
  const shared: unknown[] = [];
  const judged = expectScopedFactory(() => ({ shared }), {
    use: ({ shared: items }, canary) => items.push(canary),
    dispose: (_, user) => ended.push(user.id),
  });

  await expect(judged).rejects.toThrow("reaches what user-1 left");
  expect(ended).toEqual(["user-0", "user-1"]);
});
