import { describe, expect, it } from "vitest";
import { fillIn, type Places } from "../../src/target/fill-in.ts";

const PLACES: Places = new Map([
  ["db", { url: "http://127.0.0.1:4001", host: "127.0.0.1", port: 4001 }],
  ["mail-box", { url: "http://localhost:25", host: "localhost", port: 25 }],
]);

describe("placeholders in an environment", () => {
  it("become addresses, as often as they stand there", () => {
    const env = {
      DATABASE_URL: "postgres://me@{db.host}:{db.port}/app",
      PROXY: "{mail-box.url},{db.url}",
      PLAIN: "as it was",
    };

    expect(fillIn(env, PLACES)).toEqual({
      DATABASE_URL: "postgres://me@127.0.0.1:4001/app",
      PROXY: "http://localhost:25,http://127.0.0.1:4001",
      PLAIN: "as it was",
    });
    expect(env.PROXY).toBe("{mail-box.url},{db.url}");
  });

  it.each(['{"a":{"b":1}}', "{level} {time}", "{log.level}", "${HOME}/{}"])(
    "leave other braces alone: %s",
    (text) => {
      expect(fillIn({ TEXT: text }, PLACES)).toEqual({ TEXT: text });
    },
  );

  it.each([
    ["{bd.port}", "{db.url}, {db.host}, {db.port}, {mail-box.url}"],
    ["{db.prot}", "got `{db.prot}`"],
  ])("that name nothing are refused with what there is: %s", (text, message) => {
    expect(() => fillIn({ DATABASE: text }, PLACES)).toThrow(message);
    expect(() => fillIn({ DATABASE: text }, PLACES)).toThrow(/DATABASE in an `env`.*got `\{/);
  });

  it("are refused where nothing is started", () => {
    expect(() => fillIn({ A: "{db.port}" }, new Map())).toThrow(
      expect.objectContaining({
        code: "WT_CONFIG_INVALID",
        message: expect.stringContaining("(nothing is)") as string,
      }),
    );
  });
});
