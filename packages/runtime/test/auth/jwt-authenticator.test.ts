import type { IncomingMessage } from "node:http";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createJwtAuthenticator } from "../../src/auth/jwt-authenticator.ts";
import { signToken, TEST_SECRET } from "../http/test-token.ts";

const authenticate = createJwtAuthenticator({ secret: TEST_SECRET });
const request = (authorization?: string) => ({ headers: { authorization } }) as IncomingMessage;
const bearer = (token: string) => request(`Bearer ${token}`);

describe("the JWT authenticator", () => {
  it("takes the user from `sub` and the tenant from `tenant`", async () => {
    const token = await signToken("alice", { tenant: "acme" });

    expect(await authenticate(bearer(token))).toEqual({ tenantId: "acme", userId: "alice" });
    expect(await authenticate(bearer(await signToken("bob")))).toEqual({
      tenantId: "default",
      userId: "bob",
    });
  });

  it("answers null for no token, another scheme, nonsense or another secret", async () => {
    const forged = await signToken("alice", {}, "another secret, also of more than 32 bytes");

    for (const bad of [
      request(),
      request("Basic YTpi"),
      request("Bearer"),
      bearer("nonsense"),
      bearer(`${await signToken("alice")} x`),
      bearer(forged),
    ]) {
      expect(await authenticate(bad)).toBeNull();
    }
  });

  it("answers null for a token that is not signed with HS256", async () => {
    const key = new TextEncoder().encode(TEST_SECRET);
    const hs512 = new SignJWT({}).setProtectedHeader({ alg: "HS512" }).setSubject("alice");
    const [, payload] = (await signToken("alice")).split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;

    expect(await authenticate(bearer(await hs512.sign(key)))).toBeNull();
    expect(await authenticate(bearer(none))).toBeNull();
  });

  it("answers null for a token without a user or with a tenant that is no text", async () => {
    expect(await authenticate(bearer(await signToken("")))).toBeNull();
    expect(await authenticate(bearer(await signToken("alice", { tenant: 7 })))).toBeNull();
  });

  it("accepts a token until the second that it expires", async () => {
    let now = 999_000;
    const aging = createJwtAuthenticator({ secret: TEST_SECRET, now: () => now });
    const token = await signToken("alice", { exp: 1000 });

    expect(await aging(bearer(token))).not.toBeNull();
    now = 1_000_000;
    expect(await aging(bearer(token))).toBeNull();
  });

  it("holds a token to the issuer and audience that are asked for", async () => {
    const strict = createJwtAuthenticator({ secret: TEST_SECRET, issuer: "us", audience: "app" });

    expect(await strict(bearer(await signToken("a", { iss: "us", aud: "app" })))).not.toBeNull();
    expect(await strict(bearer(await signToken("a", { iss: "them", aud: "app" })))).toBeNull();
    expect(await strict(bearer(await signToken("a", { iss: "us", aud: "other" })))).toBeNull();
    expect(await strict(bearer(await signToken("a")))).toBeNull();
  });

  it.each([["x".repeat(31)], [new Uint8Array(31)], [undefined as never], [7 as never]])(
    "refuses a secret that is short or none: %s",
    (secret) => {
      expect(() => createJwtAuthenticator({ secret })).toThrow(
        expect.objectContaining({ code: "WT_OPTION_INVALID" }),
      );
      expect(createJwtAuthenticator({ secret: "x".repeat(32) })).toBeTypeOf("function");
    },
  );
});
