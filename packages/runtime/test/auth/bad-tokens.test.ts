import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import {
  createJwtAuthenticator,
  type IsRevoked,
  type JwtAuthenticatorOptions,
  type VerifiedToken,
} from "../../src/auth/jwt-authenticator.ts";
import { signToken, TEST_SECRET } from "../http/test-token.ts";
import { bearer, request, sign } from "./auth-bench.ts";

const NOW = 1_000_000;
const secret = new TextEncoder().encode(TEST_SECRET);
const create = (options: Partial<JwtAuthenticatorOptions> = {}) =>
  createJwtAuthenticator({ secret: TEST_SECRET, now: () => NOW, ...options });
const token = (claims: object) => sign(secret, "HS256", { claims: { ...claims } });

describe("a token", () => {
  it.each([
    ["without `sub`", { sub: undefined }],
    ["with an empty `sub`", { sub: "" }],
    ["with a `sub` of 257 characters", { sub: "x".repeat(257) }],
    ["with a control character in `sub`", { sub: "ali\u0000ce" }],
    ["with a line break in `sub`", { sub: "alice\n" }],
    ["with half a character in `sub`", { sub: "alice\ud800" }],
    ["with a number as `sub`", { sub: 7 }],
    ["with a list as `sub`", { sub: ["alice"] }],
    ["with an object as `sub`", { sub: { toString: "alice" } }],
    ["with an empty tenant", { tenant: "" }],
    ["with a tenant of 257 characters", { tenant: "x".repeat(257) }],
    ["with `null` as the tenant", { tenant: null }],
    ["with `exp` as text", { exp: "2000" }],
    ["with `exp` as a list", { exp: [2000] }],
    ["with `null` as `exp`", { exp: null }],
    ["that expires now", { exp: 1000 }],
    ["that expired long ago", { exp: -1 }],
    ["that is not valid yet", { nbf: 1001 }],
    ["with `nbf` as text", { nbf: "1" }],
    ["with `iat` as text", { iat: "1" }],
    ["with `jti` as a number", { jti: 7 }],
    ["with a number as scopes", { scopes: 7 }],
    ["with numbers in its scopes", { scopes: ["read", 7] }],
    ["with an empty scope in its list", { scopes: ["read", ""] }],
    ["with an object as scope", { scope: {} }],
  ])("%s lets nobody in", async (_, claims) => {
    expect(await create()(bearer(await token(claims)))).toBeNull();
    expect(await create()(bearer(await token({})))).toEqual({
      tenantId: "default",
      userId: "alice",
    });
  });

  it("of a megabyte lets nobody in", async () => {
    const large = await token({ padding: "x".repeat(1_000_000) });

    for (const one of [large, "x".repeat(1_000_000), "a.".repeat(500_000), "=".repeat(1_000_000)]) {
      expect(await create()(bearer(one))).toBeNull();
    }
    expect(await create()(bearer(await token({ padding: "x".repeat(10_000) })))).not.toBeNull();
  });

  it.each([
    ["no header", undefined],
    ["an empty one", ""],
    ["Basic", "Basic YWxpY2U6eA=="],
    ["no scheme", (good: string) => good],
    ["another scheme", (good: string) => `Token ${good}`],
    ["two spaces", (good: string) => `Bearer  ${good}`],
    ["two tokens", (good: string) => `Bearer ${good}, Bearer ${good}`],
    ["more behind the token", (good: string) => `Bearer ${good} x`],
    ["quotes", (good: string) => `Bearer "${good}"`],
    ["a line break", (good: string) => `Bearer ${good}\n`],
  ])("in a header with %s lets nobody in", async (_, header) => {
    const good = await token({});
    const value = typeof header === "function" ? header(good) : header;

    expect(await create()(request(value))).toBeNull();
    expect(await create()(request(`bearer ${good}`))).not.toBeNull();
  });

  it("brought twice in one request lets nobody in, whichever of the two is good", async () => {
    const authenticate = create();
    const server = createServer((incoming, response) => {
      void authenticate(incoming).then((identity) => response.end(JSON.stringify(identity)));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const ask = async (...tokens: readonly string[]): Promise<unknown> => {
      const headers = tokens.flatMap((one) => ["authorization", `Bearer ${one}`]);
      const asked = get({ port, host: "127.0.0.1", headers: ["host", "here", ...headers] });
      const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream];
      return JSON.parse(await text(response)) as unknown;
    };
    const [alice, bob] = [await token({}), await token({ sub: "bob" })];

    expect(await ask(alice, bob)).toBeNull();
    expect(await ask(alice, alice)).toBeNull();
    expect(await ask("nonsense", bob)).toBeNull();
    expect(await ask(bob)).toMatchObject({ userId: "bob" });
    server.closeAllConnections();
    server.close();
  });

  it("with `__proto__` among its claims lets in its own user as usual", async () => {
    const payload = '{"sub":"alice","__proto__":{"tenant":"acme","exp":1}}';
    const head = Buffer.from('{"alg":"HS256"}').toString("base64url");
    const input = `${head}.${Buffer.from(payload).toString("base64url")}`;
    const key = await crypto.subtle.importKey(
      "raw",
      secret,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input));

    expect(
      await create()(bearer(`${input}.${Buffer.from(signature).toString("base64url")}`)),
    ).toEqual({ tenantId: "default", userId: "alice" });
  });
});

describe("a clock tolerance", () => {
  it("lets a token in for that long after its `exp` and before its `nbf`, and says so in the expiry", async () => {
    const tolerant = create({ clockToleranceMs: 5000 });

    expect(await tolerant(bearer(await token({ exp: 996 })))).toMatchObject({
      expiresAt: 1_001_000,
    });
    expect(await tolerant(bearer(await token({ exp: 995 })))).toBeNull();
    expect(await tolerant(bearer(await token({ nbf: 1005 })))).not.toBeNull();
    expect(await tolerant(bearer(await token({ nbf: 1006 })))).toBeNull();
  });
});

describe("scopes", () => {
  it.each([
    [{}, undefined],
    [{ scope: "" }, []],
    [{ scope: "read write" }, ["read", "write"]],
    [{ scopes: "read write" }, ["read", "write"]],
    [{ scopes: ["read", "write"] }, ["read", "write"]],
    [{ scopes: [], scope: "admin" }, []],
  ])("of %j are %j", async (claims, scopes) => {
    const identity = await create()(bearer(await token(claims)));

    expect(identity?.scopes).toEqual(scopes);
    expect(Object.isFrozen(identity) && Object.isFrozen(identity?.scopes ?? identity)).toBe(true);
  });
});

describe("a token that was called back", () => {
  it("lets nobody in, from the request on that is made after", async () => {
    const calledBack = new Set<string | undefined>();
    const asked: VerifiedToken[] = [];
    const authenticate = create({
      isRevoked: (one) => {
        asked.push(one);
        return calledBack.has(one.tokenId);
      },
    });
    const [lost, kept] = [await token({ jti: "lost", iat: 900 }), await token({ jti: "kept" })];

    expect(await authenticate(bearer(lost))).toMatchObject({ userId: "alice" });
    calledBack.add("lost");
    expect(await authenticate(bearer(lost))).toBeNull();
    expect(await authenticate(bearer(kept))).toMatchObject({ userId: "alice" });
    expect(asked[0]).toEqual({
      tenantId: "default",
      userId: "alice",
      tokenId: "lost",
      issuedAt: 900_000,
    });
  });

  it("is asked about only after its signature was checked", async () => {
    let asked = 0;
    const authenticate = create({ isRevoked: () => (asked += 1) === 0 });

    await authenticate(
      bearer(await signToken("alice", {}, "another secret of more than 32 bytes")),
    );
    expect(asked).toBe(0);
    await authenticate(bearer(await token({})));
    expect(asked).toBe(1);
  });

  it("counts as called back if nobody can say, or says anything but no", async () => {
    const good = bearer(await token({}));
    const fails: IsRevoked = async () => {
      throw new Error("the list is away");
    };

    await expect(create({ isRevoked: fails })(good)).rejects.toThrow("the list is away");
    for (const answer of [true, undefined, 0, "no"]) {
      expect(await create({ isRevoked: () => answer as boolean })(good)).toBeNull();
    }
    expect(await create({ isRevoked: async () => false })(good)).not.toBeNull();
    expect(() => create({ isRevoked: 7 as never })).toThrow("isRevoked");
  });
});
