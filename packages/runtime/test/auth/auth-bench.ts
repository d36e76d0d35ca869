import type { IncomingMessage } from "node:http";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";

/** A pair of keys, as a signer has them and as the world sees them. */
export interface TestKeys {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  /** The public key as a text that anybody can read. */
  readonly pem: string;
}

/** Makes a pair of keys for that algorithm. */
export async function makeKeys(algorithm: string, kid: string): Promise<TestKeys> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig" };
  return { privateKey, jwk, pem: await exportSPKI(publicKey) };
}

/** What a token says, and how it says it is signed. */
export interface TestToken {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Signs a token of alice, unless told otherwise. */
export function sign(
  key: CryptoKey | Uint8Array,
  algorithm: string,
  { header = {}, claims = {} }: TestToken = {},
): Promise<string> {
  return new SignJWT({ sub: "alice", ...claims })
    .setProtectedHeader({ ...header, alg: algorithm })
    .sign(key);
}

/** A request with that header, as far as an authenticator looks at it. */
export function request(authorization?: string): IncomingMessage {
  return { headers: { authorization } } as IncomingMessage;
}

export function bearer(token: string): IncomingMessage {
  return request(`Bearer ${token}`);
}
