import { describe, expect, it } from "vitest";
import { createSecretKeys } from "../../src/bridge/redact-keys.ts";
import { redactPatch } from "../../src/bridge/redact-patch.ts";
import { redactAround, redactSchema } from "../../src/bridge/redact-schema.ts";

const keys = createSecretKeys();
const HIDDEN = "[redacted]";

describe("a JSON patch, redacted", () => {
  it.each([
    [
      { op: "replace", path: "/user/password", value: "α" },
      { op: "replace", path: "/user/password", value: HIDDEN },
    ],
    [{ op: "add", path: "/api~1key", value: "kept" }],
    [
      { op: "add", path: "/list/0/API_KEY", value: ["α"] },
      { op: "add", path: "/list/0/API_KEY", value: HIDDEN },
    ],
    [
      { op: "add", path: "/list/-", value: { token: "α", a: 1 } },
      { op: "add", path: "/list/-", value: { token: HIDDEN, a: 1 } },
    ],
    [
      { op: "replace", path: "", value: { token: "α" } },
      { op: "replace", path: "", value: { token: HIDDEN } },
    ],
    [
      { op: "test", path: "/token", value: "α" },
      { op: "test", path: "/token", value: HIDDEN },
    ],
    [{ op: "remove", path: "/token" }],
    [
      { op: "remove", path: "/token", value: "α" },
      { op: "remove", path: "/token" },
    ],
    [
      { op: "replace", path: "/credentials/user/name", value: "α" },
      { op: "add", path: "/credentials", value: HIDDEN },
    ],
    [
      { op: "remove", path: "/credentials/user" },
      { op: "add", path: "/credentials", value: HIDDEN },
    ],
    [
      { op: "test", path: "/credentials/user", value: "α" },
      { op: "test", path: "/credentials", value: HIDDEN },
    ],
    [
      { op: "move", from: "/credentials/user", path: "/name" },
      { op: "add", path: "/name", value: HIDDEN },
    ],
    [
      { op: "move", from: "/token", path: "/name" },
      { op: "remove", path: "/token" },
      { op: "add", path: "/name", value: HIDDEN },
    ],
    [
      { op: "move", from: "/name", path: "/credentials/user" },
      { op: "remove", path: "/name" },
      { op: "add", path: "/credentials", value: HIDDEN },
    ],
    [
      { op: "copy", from: "/name", path: "/token" },
      { op: "add", path: "/token", value: HIDDEN },
    ],
    [{ op: "move", from: "/tokens", path: "/name" }],
    [
      { op: "unknown", path: "/token", secret: "α", value: "α" },
      { op: "unknown", path: "/token", value: HIDDEN },
    ],
  ])("fits a document that was redacted: %j", (operation, ...expected) => {
    const patch = [{ op: "add", path: "/a", value: 1 }, operation];
    const out = redactPatch(patch, keys);

    expect(out).toEqual([patch[0], ...(expected.length === 0 ? [operation] : expected)]);
    if (expected.length === 0) expect(out).toBe(patch);
  });

  it("has its pointers read as JSON Pointer has them", () => {
    const patch = [{ op: "add", path: "/x/a~1b~0c", value: "α" }];
    const redacted = [{ op: "add", path: "/x/a~1b~0c", value: HIDDEN }];

    expect(redactPatch(patch, createSecretKeys(["a/b~c"]))).toEqual(redacted);
    expect(redactPatch(patch, createSecretKeys(["a~1b~0c"]))).toBe(patch);
  });

  it("that is none is redacted as any value", () => {
    expect(redactPatch({ token: "α" }, keys)).toEqual({ token: HIDDEN });
    expect(redactPatch([1, null, "x"], keys)).toEqual([1, null, "x"]);
  });
});

describe("a JSON Schema, redacted", () => {
  it("still says what a secret must be like", () => {
    const schema = {
      type: "object",
      required: ["password"],
      properties: {
        user: { type: "string", default: "alice" },
        password: { type: "string", minLength: 8, title: "Your password", pattern: "^.*$" },
        token: true,
        keys: { type: "array", items: { properties: { apiKey: { $ref: "#/$defs/secret" } } } },
      },
      $defs: { secret: { type: ["string", "null"] } },
      additionalProperties: false,
    };

    expect(redactSchema(schema, keys)).toEqual(schema);
  });

  it("doesn't say what a secret is", () => {
    const told = {
      const: "α",
      default: { a: "α" },
      enum: ["α", "β"],
      example: "α",
      title: ["α", 7],
    };
    const schema = {
      password: "α",
      default: { password: "α", user: "kept" },
      properties: {
        secret: "α",
        token: { ...told, items: { const: "α" }, anyOf: [{ const: "α" }, "α"] },
        cookie: { type: "object", properties: { name: { default: "α" } }, title: { a: "α" } },
        user: { default: "kept", examples: [{ token: "α" }] },
      },
    };

    expect(redactSchema(schema, keys)).toEqual({
      password: HIDDEN,
      default: { password: HIDDEN, user: "kept" },
      properties: {
        secret: HIDDEN,
        token: {
          const: HIDDEN,
          default: HIDDEN,
          enum: [HIDDEN],
          example: HIDDEN,
          title: [HIDDEN],
          items: { const: HIDDEN },
          anyOf: [{ const: HIDDEN }, HIDDEN],
        },
        cookie: { type: "object", properties: { name: { default: HIDDEN } }, title: HIDDEN },
        user: { default: "kept", examples: [{ token: HIDDEN }] },
      },
    });
  });

  it("is a schema only where one belongs", () => {
    const place = { list: "interrupts", schema: "responseSchema" };
    const responseSchema = { properties: { password: { type: "string" } } };
    const clean = { type: "interrupt", interrupts: [{ id: "i", responseSchema }, 7] };
    const mixed = { ...clean, responseSchema, interrupts: [{ token: "α", responseSchema }] };

    expect(redactAround(clean, place, keys)).toBe(clean);
    expect(redactAround(mixed, place, keys)).toEqual({
      type: "interrupt",
      interrupts: [{ token: HIDDEN, responseSchema }],
      responseSchema: { properties: { password: HIDDEN } },
    });
    expect(redactAround({ interrupts: { token: "α" } }, place, keys)).toEqual({
      interrupts: { token: HIDDEN },
    });
  });

  it("is walked as any value where it goes deeper than schemas do", () => {
    const nest = (levels: number): unknown =>
      levels === 0 ? { properties: { token: { type: "α" } } } : { not: nest(levels - 1) };

    expect(JSON.stringify(redactSchema(nest(50), keys))).toContain("α");
    expect(JSON.stringify(redactSchema(nest(200), keys))).not.toContain("α");
  });
});
