import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretKeys } from "../../src/bridge/redact-keys.ts";
import { createRedactor } from "../../src/bridge/redactor.ts";
import { anyUnit } from "./redact-planted.ts";

const invalid = expect.objectContaining({ code: "WT_OPTION_INVALID" });

describe("the keys of secrets", () => {
  it("are compared whole, ignoring case, - and _", () => {
    const keys = createSecretKeys();

    for (const key of [
      "password",
      "PASS_word",
      "--pass-word--",
      "ApiKey",
      "x-api-key",
      "PAſſWORD",
    ]) {
      expect([key, keys.has(key)]).toEqual([key, true]);
    }
    for (const key of ["", "-", "_", "passwor", "passwords", " password", "pass.word", "mytoken"]) {
      expect([key, keys.has(key)]).toEqual([key, false]);
    }
  });

  it("can be more, in any writing, beside those that are known", () => {
    const keys = createSecretKeys(["Social-Security_Number", "κωδικός", "ключ"]);

    for (const key of ["socialSecurityNumber", "ΚΩΔΙΚΌΣ", "Ключ", "token"]) {
      expect([key, keys.has(key)]).toEqual([key, true]);
    }
    expect(keys.has("socialsecurity")).toBe(false);
    expect(createSecretKeys().has("ключ")).toBe(false);
    expect(
      createRedactor(keys).redact({ type: "CUSTOM", name: "n", value: { Ключ: "x", a: "x" } }),
    ).toEqual([{ type: "CUSTOM", name: "n", value: { Ключ: "[redacted]", a: "x" } }]);
  });

  it("are found however they are written", () => {
    const names = fc.string({ unit: anyUnit, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(names, names, (name, other) => {
        const isName = (text: string): boolean => /[^-_]/.test(text);
        fc.pre(isName(name) && !["id", "op"].includes(name.toLowerCase().replaceAll(/[-_]/g, "")));
        const keys = createSecretKeys([name]);
        expect(keys.has(`_${name}-`)).toBe(true);
        expect(keys.has(`${name}.`)).toBe(false);
        if (!name.toLowerCase().startsWith(other.toLowerCase())) {
          expect(keys.has(name + other)).toBe(!isName(other));
        }
      }),
    );
  });

  it.each([
    ["no list", "token"],
    ["no text", [7]],
    ["nothing that counts", ["-_-"]],
    ["a text too long", ["x".repeat(101)]],
    ["a field of every event", ["my key", "Tool_Call-ID"]],
    ["a field of some events", ["value"]],
  ])("can't be %s", (_, more) => {
    expect(() => createSecretKeys(more as string[])).toThrow(invalid);
  });

  it("may have 100 characters, and are none without an option", () => {
    expect(createSecretKeys(["x".repeat(100)]).has("X".repeat(100))).toBe(true);
    expect(createSecretKeys([]).has("token")).toBe(true);
  });
});
