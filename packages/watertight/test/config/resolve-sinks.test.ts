import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config/resolve-config.ts";

const target = { command: "node server.js", beside: [{ name: "db", command: "db" }] };

function resolve(sinks: unknown, changes: object = {}): ReturnType<typeof resolveConfig> {
  return resolveConfig({ target, scenario: async () => {}, sinks, ...changes }, "/project");
}

describe("sinks", () => {
  it("get their defaults, and keep their order", () => {
    const answer = (): { status: number } => ({ status: 404 });
    const { sinks, scansLogs } = resolve({
      mail: { kind: "smtp", env: { PORT_OF_MAIL: "{port}" } },
      api: { kind: "http", answer },
      log: { kind: "tcp", batches: true },
      out: { kind: "proxy", forward: true },
    });

    expect(sinks).toEqual([
      {
        name: "mail",
        kind: "smtp",
        env: { PORT_OF_MAIL: "{port}" },
        answer: undefined,
        batches: false,
        forward: false,
      },
      { name: "api", kind: "http", env: {}, answer, batches: false, forward: false },
      { name: "log", kind: "tcp", env: {}, answer: undefined, batches: true, forward: false },
      { name: "out", kind: "proxy", env: {}, answer: undefined, batches: false, forward: true },
    ]);
    expect(scansLogs).toBe(true);
    expect(resolve(undefined).sinks).toEqual([]);
    expect(resolve(undefined, { logs: "ignore" }).scansLogs).toBe(false);
  });

  it.each<[string, unknown, string]>([
    ["of no kind", { a: {} }, "`sinks.a.kind` to be one of http, smtp, tcp, proxy"],
    ["of a kind that is none", { a: { kind: "ftp" } }, "got `ftp`"],
    ["with a typo", { a: { kind: "http", awnser: {} } }, "did you mean `answer`?"],
    ["with a name that can't stand in braces", { "a.b": { kind: "http" } }, "got `a.b`"],
    ["with a name of something beside the target", { db: { kind: "tcp" } }, "got `db`: rename it"],
    ["that answer mails", { a: { kind: "smtp", answer: {} } }, "no `sinks.a.answer`"],
    ["that forward bytes", { a: { kind: "tcp", forward: true } }, "no `sinks.a.forward`"],
    [
      "that forward and answer",
      { a: { kind: "proxy", forward: true, answer: {} } },
      "one of `sinks.a.answer` and `sinks.a.forward`",
    ],
    ["of bytes that don't say whose", { a: { kind: "tcp" } }, "`sinks.a.batches` to say"],
    [
      "with a status that is none",
      { a: { kind: "http", answer: { status: 7 } } },
      "`sinks.a.answer.status` to be a status from 200 to 599",
    ],
    ["that are no object", { a: "http" }, "`sinks.a` to be an object"],
  ])("%s are refused", (_what, sinks, message) => {
    expect(() => resolve(sinks)).toThrow(message);
  });

  it("are not the only thing that is looked at: `logs` says what else", () => {
    expect(() => resolve({}, { logs: "scan" })).toThrow('`config.logs` to be "ignore"');
  });
});
