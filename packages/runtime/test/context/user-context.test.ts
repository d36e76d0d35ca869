import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkOwner,
  checkUser,
  createUserContext,
  UserContext,
} from "../../src/context/user-context.ts";

const id = fc
  .string({ minLength: 1, maxLength: 20, unit: "grapheme" })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
/** Ids made of the very characters that a join of two ids could stumble over. */
const trickyId = fc.oneof(id, fc.stringMatching(/^[:%/a3A-]{1,6}$/));
const control = fc.constantFrom("\u0000", "\n", "\r", "\t", "\u001B", "\u007F", "\u0085");

describe("a user's key", () => {
  it("is the same for two pairs of tenant and user only if the pairs are", () => {
    fc.assert(
      fc.property(trickyId, trickyId, trickyId, trickyId, (tenantId, userId, tenant2, user2) => {
        const one = createUserContext({ tenantId, userId });
        const other = createUserContext({ tenantId: tenant2, userId: user2 });
        const isSamePair = tenantId === tenant2 && userId === user2;
        expect(one.key === other.key).toBe(isSamePair);
        expect(createUserContext({ tenantId, userId }).key).toBe(one.key);
      }),
    );
  });

  it("tells apart pairs that look alike when joined", () => {
    const keys = [
      createUserContext({ tenantId: "a:b", userId: "c" }).key,
      createUserContext({ tenantId: "a", userId: "b:c" }).key,
      createUserContext({ tenantId: "a%3Ab", userId: "c" }).key,
    ];

    expect(new Set(keys).size).toBe(3);
  });
});

describe("a user id", () => {
  it("with a control character anywhere is refused, without it accepted", () => {
    fc.assert(
      fc.property(id, control, id, (before, character, after) => {
        expect(() => createUserContext({ userId: before + character + after })).toThrow(
          expect.objectContaining({ code: "WT_ID_INVALID" }),
        );
        expect(createUserContext({ userId: before + after }).userId).toBe(before + after);
      }),
    );
  });

  it.each([
    ["empty", ""],
    ["257 characters long", "x".repeat(257)],
    ["half a character", "a\uD800"],
    ["no text", 7 as never],
    ["missing", undefined as never],
  ])("that is %s is refused without being repeated", (_, userId) => {
    expect(() => createUserContext({ userId })).toThrow(
      expect.objectContaining({ code: "WT_ID_INVALID" }),
    );
  });

  it("of 1 or 256 characters is accepted, in any script", () => {
    for (const userId of ["x", "x".repeat(256), "用户 😀 a:b/c"]) {
      expect(createUserContext({ userId }).userId).toBe(userId);
    }
  });

  it("is never repeated in the message of its refusal", () => {
    expect(() => createUserContext({ userId: "canary\n" })).toThrow(/^(?!.*canary)/);
  });
});

describe("a user context", () => {
  it("belongs to the default tenant only if none was named", () => {
    expect(createUserContext({ userId: "alice" }).tenantId).toBe("default");
    expect(() => createUserContext({ userId: "alice", tenantId: null as never })).toThrow(
      "tenantId",
    );
  });

  it("can't be changed", () => {
    const user = createUserContext({ userId: "alice" });

    expect(Object.isFrozen(user)).toBe(true);
    expect(() => Object.assign(user, { userId: "bob" })).toThrow(TypeError);
    expect(user.userId).toBe("alice");
  });

  it("can't be forged by a look-alike, a prototype or a proxy", () => {
    const user = createUserContext({ userId: "alice" });

    for (const fake of [Object.assign({}, user), Object.create(user), new Proxy(user, {})]) {
      expect(UserContext.is(fake)).toBe(false);
      expect(() => checkUser(fake as UserContext)).toThrow(
        expect.objectContaining({ code: "WT_CONTEXT_FORGED" }),
      );
    }
    expect(checkUser(user)).toBe(user);
  });

  it("that is made past the factory is checked like any other", () => {
    expect(() => new UserContext("t", "a\n")).toThrow("userId");
    expect(new UserContext("t", "a").key).toBe("t:a");
  });

  it("owns what is the same user's, made again or not, and nothing else", () => {
    const alice = createUserContext({ userId: "alice" });

    expect(() => checkOwner(alice, createUserContext({ userId: "alice" }))).not.toThrow();
    expect(() => checkOwner(alice, createUserContext({ userId: "bob" }))).toThrow(
      expect.objectContaining({ code: "WT_OWNER_MISMATCH" }),
    );
  });
});
