import { describe, expect, it } from "vitest";
import { resolveTarget, targetAt } from "../../src/config/resolve-target.ts";

const command = "node server.js";

describe("a target", () => {
  it("of a command gets its defaults", () => {
    expect(resolveTarget({ command, cwd: "app" }, "/project")).toMatchObject({
      kind: "command",
      cwd: "/project/app",
      readyTimeoutMs: 15_000,
      beside: [],
    });
  });

  it("of an address alone is somebody else's", () => {
    expect(resolveTarget({ url: "http://127.0.0.1:3000", ready: "/up" }, "/")).toEqual({
      kind: "url",
      url: "http://127.0.0.1:3000",
      ready: "/up",
      readyTimeoutMs: 5000,
    });
  });

  it("has things beside it, each with a key, a folder and a way to be ready", () => {
    const line = /up on (?<port>\d+)/;
    const beside = [
      { name: "db", command: "db" },
      { command: "worker", cwd: "w", ready: { line } },
    ];

    expect(resolveTarget({ command, beside }, "/project")).toMatchObject({
      beside: [
        { key: "target.beside[0]", cwd: "/project", ready: { port: true }, readyTimeoutMs: 15_000 },
        { key: "target.beside[1]", cwd: "/project/w", ready: { line } },
      ],
    });
  });

  it.each<[string, unknown, string]>([
    ["nothing in it", {}, "`target.command`, `target.components`, or `target.url` alone, got none"],
    ["a folder and no command", { url: "http://a", cwd: "x" }, "got `cwd` without a command"],
    ["a line of a stranger", { url: "http://a", ready: { line: "up" } }, "got a line"],
    [
      "two ways to be ready",
      { command, ready: { path: "/", port: true } },
      "`target.ready`, got 2",
    ],
    ["no way to be ready", { command, ready: {} }, "one of path, port and line in `target.ready`"],
    ["a port that is said to be ready", { command, ready: { port: 3000 } }, "to be true"],
    ["a number to be ready", { command, ready: 3 }, "{ path }, { port: true } or { line }"],
    ["an empty line", { command, ready: { line: "" } }, "`target.ready.line`"],
    ["a typo beside it", { command, beside: [{ comand: "x" }] }, "did you mean `command`?"],
    ["one thing beside it", { command, beside: { command } }, "`target.beside` to be an array"],
    [
      "nothing to start beside it",
      { command, beside: [{ name: "a" }] },
      "`target.beside[0].command`",
    ],
    [
      "a name with a dot",
      { command, beside: [{ name: "a.b", command }] },
      "letters, digits, _ and -",
    ],
    [
      "a port that is none",
      { command, beside: [{ command, port: 70_000 }] },
      "a port from 1 to 65535",
    ],
    [
      "a number in an environment",
      { command, env: { A: 1 } },
      "`target.env` to be an object of texts",
    ],
    [
      "two of a name",
      {
        command,
        beside: [
          { name: "a", command },
          { name: "a", command },
        ],
      },
      "got `a` twice",
    ],
    [
      "two addresses",
      { command, beside: [{ command, port: 1, ready: { line: /(?<port>\d+)/ } }] },
      "an address of `target.beside[0]`",
    ],
  ])("with %s is refused", (_, value, message) => {
    expect(() => resolveTarget(value, "/")).toThrow(message);
  });
});

describe("a target that is asked for by --url", () => {
  const url = "http://127.0.0.1:3000";

  it.each<[string, unknown, object]>([
    ["nothing", undefined, { url }],
    [
      "a command",
      { command, cwd: "x", env: {}, ready: "/up", readyTimeoutMs: 7 },
      { url, ready: "/up", readyTimeoutMs: 7 },
    ],
    ["a line", { command, ready: { line: "up" } }, { url }],
    ["another address", { url: "http://b" }, { url }],
  ])("counts more than %s", (_, value, expected) => {
    expect(targetAt(url, value)).toEqual(expected);
    expect(resolveTarget(targetAt(url, value), "/")).toMatchObject({ kind: "url", url });
  });

  it("can't be a module of components", () => {
    expect(() => targetAt(url, { components: "./a.ts" })).toThrow("leave --url out");
  });
});
