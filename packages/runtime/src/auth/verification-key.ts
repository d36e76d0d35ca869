import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { WatertightError } from "../errors.ts";

/** What signatures are checked with: a secret that both sides share, or the signer's public keys. */
export interface KeyOptions {
  /** The shared secret: at least as long as the hash, 32 bytes for HS256 (RFC 7518, section 3.2). */
  readonly secret?: string | Uint8Array;
  /** Public keys as a JWK set, or the `https` address of one, which is fetched when it is needed. */
  readonly keys?: JSONWebKeySet | string | URL;
  /** Default: HS256 for a secret; RS256, ES256 and EdDSA for keys. */
  readonly algorithms?: readonly string[];
}

/** How a token is checked: the key, or how to find it, and the only algorithms that count. */
export interface Verification {
  readonly key: Uint8Array | JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

const SECRET_BYTES: Readonly<Record<string, number>> = Object.freeze({
  HS256: 32,
  HS384: 48,
  HS512: 64,
});
const PUBLIC_KEY_ALGORITHMS: readonly string[] = Object.freeze(
  "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" "),
);

/**
 * Answers how tokens are checked. A secret never meets an algorithm of public keys nor the other way
 * round: what anybody can read must not become what everybody can sign with. Throws WT_OPTION_INVALID.
 */
export function resolveVerification({ secret, keys, algorithms }: KeyOptions): Verification {
  if (keys !== undefined && secret !== undefined) {
    throw invalid(
      "either `secret` or `keys` and not both, or a public key might pass for a secret",
    );
  }
  if (keys === undefined) return withSecret(secret, algorithms ?? ["HS256"]);
  return {
    key: typeof keys === "string" || keys instanceof URL ? remote(keys) : local(keys),
    algorithms: check(algorithms ?? ["RS256", "ES256", "EdDSA"], PUBLIC_KEY_ALGORITHMS, "keys"),
  };
}

function withSecret(secret: unknown, algorithms: readonly string[]): Verification {
  const known = check(algorithms, Object.keys(SECRET_BYTES), "secret");
  const least = Math.max(...known.map((algorithm) => SECRET_BYTES[algorithm] ?? Infinity));
  const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const bytes = key instanceof Uint8Array ? key.byteLength : 0;
  if (key instanceof Uint8Array && bytes >= least) {
    return { key: Uint8Array.from(key), algorithms: known };
  }
  const advice = "Make one with: openssl rand -base64 48";
  throw invalid(`\`secret\` to have at least ${least} bytes, got ${bytes}. ${advice}`);
}

function check(
  algorithms: readonly string[],
  allowed: readonly string[],
  what: string,
): readonly string[] {
  const isList = Array.isArray(algorithms) && algorithms.length > 0;
  const wrong = isList ? algorithms.find((one) => !allowed.includes(one)) : algorithms;
  if (isList && wrong === undefined) return Object.freeze([...algorithms]);
  throw invalid(
    `\`algorithms\` for \`${what}\` to be some of ${allowed.join(", ")}, got \`${String(wrong)}\``,
  );
}

function local(keys: JSONWebKeySet): JWTVerifyGetKey {
  const list = (keys as Partial<JSONWebKeySet> | null)?.keys;
  if (!Array.isArray(list) || list.length === 0) throw invalid("`keys` to be a JWK set with a key");
  const isPublic = list.every((key) => typeof key?.kty === "string" && key.kty !== "oct");
  if (isPublic && !list.some((key) => "d" in key)) return createLocalJWKSet(keys);
  throw invalid("`keys` to hold public keys only, got a secret or a private one");
}

function remote(address: string | URL): JWTVerifyGetKey {
  const url = URL.canParse(String(address)) ? new URL(address) : undefined;
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isHere)) {
    return createRemoteJWKSet(url);
  }
  throw invalid(
    "`keys` to be an https address: whoever can change them on the way signs in as anybody",
  );
}

function invalid(expected: string): WatertightError {
  return new WatertightError("WT_OPTION_INVALID", `Expected ${expected}`);
}
