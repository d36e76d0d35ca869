import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactSecrets } from "../../src/bridge/redact.ts";

const SECRET = "canary-of-a-secret";
const secretKey = fc.constantFrom(
  "password",
  "apiKey",
  "API_KEY",
  "x-api-key",
  "Set-Cookie",
  "token",
);
const plainKey = fc.constantFrom("keyboard", "tokens", "passwordHint", "name", "0", "__proto__");
/** Any JSON in which every value under a secret key, and no other, holds the canary. */
const { tree } = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.constant("plain")),
  secret: fc.oneof(fc.constant(SECRET), fc.constant([SECRET]), fc.constant({ deep: [SECRET] })),
  object: fc
    .tuple(
      fc.dictionary(plainKey, tie("tree"), { maxKeys: 4 }),
      fc.dictionary(secretKey, tie("secret"), { maxKeys: 3 }),
    )
    .map(([plain, secret]) => ({ ...plain, ...secret })),
  list: fc.array(tie("tree"), { maxLength: 4 }),
  tree: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("object"), tie("list")),
}));

describe("redaction", () => {
  it("never lets the value of a secret's key through, in lists and at any depth", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.stringify(redactSecrets(value)) ?? "").not.toContain(SECRET);
      }),
    );
  });

  it("never changes what it was given", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const before = structuredClone(value);
        redactSecrets(value);
        expect(value).toEqual(before);
      }),
    );
  });

  it("keeps everything else, whole keys being compared", () => {
    const value = { keyboard: "a", tokens: 3, list: [{ name: "b", password: "c" }], nothing: null };

    expect(redactSecrets(value)).toEqual({
      ...value,
      list: [{ name: "b", password: "[redacted]" }],
    });
  });

  it("sees what an object says of itself, as JSON does", () => {
    const value = {
      at: new Date(0),
      login: { toJSON: () => ({ user: "alice", password: SECRET }) },
    };

    expect(redactSecrets(value)).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      login: { user: "alice", password: "[redacted]" },
    });
  });

  it.each([undefined, null, 7, "text"])("leaves %s as it is", (value) => {
    expect(redactSecrets(value)).toBe(value);
  });
});
