import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JSONWebKeySet } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { createJwtAuthenticator } from "../../src/auth/jwt-authenticator.ts";
import { TEST_SECRET } from "../http/test-token.ts";
import { bearer, makeKeys, sign, type TestKeys } from "./auth-bench.ts";

const ALICE = Object.freeze({ tenantId: "default", userId: "alice" });

let [rsa, ec, ed, stranger] = [] as unknown as TestKeys[] as [
  TestKeys,
  TestKeys,
  TestKeys,
  TestKeys,
];
let keys: JSONWebKeySet;
beforeAll(async () => {
  [rsa, ec, ed, stranger] = await Promise.all([
    makeKeys("RS256", "rsa"),
    makeKeys("ES256", "ec"),
    makeKeys("EdDSA", "ed"),
    makeKeys("RS256", "rsa"),
  ]);
  keys = { keys: [rsa.jwk, ec.jwk, ed.jwk] };
});

/** A server of a key set that answers as it is told, and counts. */
async function serveKeys(answer: () => unknown) {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    const body = answer();
    response.writeHead(body === undefined ? 500 : 200).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("an authenticator with public keys", () => {
  it("takes tokens that one of the keys signed with RS256, ES256 or EdDSA", async () => {
    const authenticate = createJwtAuthenticator({ keys });

    for (const [{ privateKey, jwk }, algorithm] of [
      [rsa, "RS256"],
      [ec, "ES256"],
      [ed, "EdDSA"],
    ] as const) {
      const header = { kid: jwk.kid };
      const token = await sign(privateKey, algorithm, { header });
      expect(await authenticate(bearer(token)), algorithm).toEqual(ALICE);
      // One key of its kind in the set: the token need not name it.
      expect(await authenticate(bearer(await sign(privateKey, algorithm)))).toEqual(ALICE);
    }
  });

  it("takes no HS256 token signed with what is public: the key as text, as bytes or as JSON", async () => {
    const authenticate = createJwtAuthenticator({ keys });

    const publicTexts = [rsa.pem, rsa.pem.trim(), JSON.stringify(rsa.jwk), rsa.jwk.n ?? ""];
    for (const text of publicTexts) {
      for (const key of [new TextEncoder().encode(text), Buffer.from(text, "base64url")]) {
        for (const header of [{}, { kid: "rsa" }]) {
          expect(await authenticate(bearer(await sign(key, "HS256", { header })))).toBeNull();
        }
      }
    }
  });

  it("takes no token of a stranger's key, of another key's `kid`, or of an unknown `kid`", async () => {
    const authenticate = createJwtAuthenticator({ keys });
    const { privateKey } = rsa;

    for (const [key, kid] of [
      [stranger.privateKey, "rsa"],
      [privateKey, "ec"],
      [privateKey, "nobody"],
      [privateKey, ""],
      [privateKey, 7],
      [privateKey, { rsa: 1 }],
      [privateKey, "__proto__"],
    ] as const) {
      const header = { kid: kid as string };
      expect(await authenticate(bearer(await sign(key, "RS256", { header })))).toBeNull();
    }
    expect(await authenticate(bearer(await sign(privateKey, "RS256")))).toEqual(ALICE);
  });

  it("takes no key from the token itself", async () => {
    const authenticate = createJwtAuthenticator({ keys });

    for (const header of [
      { jwk: stranger.jwk },
      { jwk: stranger.jwk, kid: "rsa" },
      { jku: "http://127.0.0.1:1/keys" },
      { x5c: ["MIIB"] },
    ]) {
      expect(
        await authenticate(bearer(await sign(stranger.privateKey, "RS256", { header }))),
      ).toBeNull();
    }
  });

  it("takes the algorithms that are listed and no others", async () => {
    const { privateKey } = rsa;
    const token = await sign(privateKey, "RS256");
    const only = createJwtAuthenticator({ keys, algorithms: ["ES256"] });

    expect(await only(bearer(token))).toBeNull();
    expect(await only(bearer(await sign(ec.privateKey, "ES256")))).toEqual(ALICE);
  });

  it("takes no token whose signature, claims or algorithm were changed after it was signed", async () => {
    const authenticate = createJwtAuthenticator({ keys });
    const token = await sign(rsa.privateKey, "RS256");
    const [header = "", payload = "", signature = ""] = token.split(".");
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");

    for (const forged of [
      `${header}.${encode({ sub: "bob" })}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
      `${encode({ alg: "none" })}.${payload}.`,
      `${encode({ alg: "none" })}.${payload}.${signature}`,
      `${encode({ alg: "NoNe" })}.${payload}.`,
      `${encode({ alg: "RS256", crit: ["b64"], b64: false })}.${payload}.${signature}`,
      `${encode({})}.${payload}.${signature}`,
    ]) {
      expect(await authenticate(bearer(forged))).toBeNull();
    }
    expect(await authenticate(bearer(token))).toEqual(ALICE);
  });

  it("fetches a set from its address once, for all tokens that it knows the key of", async () => {
    await using server = await serveKeys(() => keys);
    const authenticate = createJwtAuthenticator({ keys: server.url });
    const token = await sign(rsa.privateKey, "RS256", { header: { kid: "rsa" } });

    const all = await Promise.all(Array.from({ length: 5 }, () => authenticate(bearer(token))));

    expect(all).toEqual(Array(5).fill(ALICE));
    for (let i = 0; i < 20; i += 1) {
      const header = { kid: `made-up-${i}` };
      expect(
        await authenticate(bearer(await sign(rsa.privateKey, "RS256", { header }))),
      ).toBeNull();
    }
    expect(server.asked()).toBe(1);
  });

  it("takes no HS256 token by an address either, though the set there has a secret", async () => {
    const secret = new TextEncoder().encode(TEST_SECRET);
    const k = Buffer.from(secret).toString("base64url");
    await using server = await serveKeys(() => ({
      keys: [rsa.jwk, { kty: "oct", k, kid: "oct", alg: "HS256" }],
    }));
    const authenticate = createJwtAuthenticator({ keys: new URL(server.url) });

    const token = await sign(secret, "HS256", { header: { kid: "oct" } });
    expect(await authenticate(bearer(token))).toBeNull();
    expect(await authenticate(bearer(await sign(rsa.privateKey, "RS256")))).toEqual(ALICE);
  });

  it.each([
    ["answers 500", () => undefined],
    ["is no set", () => ({ keys: "none" })],
    ["is nothing", () => null],
  ])("lets nobody in and tells the operator if the address %s, and recovers", async (_, answer) => {
    let isBroken = true;
    await using server = await serveKeys(() => (isBroken ? answer() : keys));
    const authenticate = createJwtAuthenticator({ keys: server.url });
    const token = await sign(rsa.privateKey, "RS256");

    await expect(authenticate(bearer(token))).rejects.toThrow();
    isBroken = false;
    expect(await authenticate(bearer(token))).toEqual(ALICE);
  });
});

describe("an authenticator is not made", () => {
  it("with keys and a secret, with neither, or with an algorithm of the other kind", () => {
    for (const options of [
      { keys, secret: TEST_SECRET },
      {},
      { secret: TEST_SECRET, algorithms: ["RS256"] },
      { secret: TEST_SECRET, algorithms: ["none"] },
      { secret: TEST_SECRET, algorithms: [] },
      { secret: TEST_SECRET, algorithms: "HS256" },
      { secret: TEST_SECRET, algorithms: ["HS512"] },
      { keys, algorithms: ["HS256"] },
      { keys, algorithms: ["RS256", "HS256"] },
      { keys, algorithms: ["none"] },
      { keys, algorithms: ["toString"] },
    ]) {
      expect(() => createJwtAuthenticator(options as never), JSON.stringify(options)).toThrow(
        expect.objectContaining({ code: "WT_OPTION_INVALID" }),
      );
    }
    expect(createJwtAuthenticator({ keys, algorithms: ["PS256"] })).toBeTypeOf("function");
    expect(createJwtAuthenticator({ secret: "x".repeat(64), algorithms: ["HS512"] })).toBeTypeOf(
      "function",
    );
  });

  it("with keys that are secret, private, none, or come from where anybody can change them", async () => {
    for (const bad of [
      { keys: [] },
      { keys: [{ kty: "oct", k: "AAAA" }] },
      { keys: [{ ...rsa.jwk, d: "AAAA" }] },
      { keys: [null] },
      {},
      7,
      null,
      "http://keys.example.com/jwks",
      "ftp://127.0.0.1/jwks",
      "nonsense",
      "",
    ]) {
      expect(() => createJwtAuthenticator({ keys: bad as never }), JSON.stringify(bad)).toThrow(
        expect.objectContaining({ code: "WT_OPTION_INVALID" }),
      );
    }
    for (const good of [keys, "https://keys.example.com/jwks", new URL("http://localhost/jwks")]) {
      expect(createJwtAuthenticator({ keys: good })).toBeTypeOf("function");
    }
  });

  it.each([-1, 300_001, 0.5, "5" as never])("with a clock tolerance of %j", (clockToleranceMs) => {
    expect(() => createJwtAuthenticator({ secret: TEST_SECRET, clockToleranceMs })).toThrow(
      "clockToleranceMs",
    );
  });
});
