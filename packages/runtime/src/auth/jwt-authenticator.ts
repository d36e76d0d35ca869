import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from "jose";
import { isId } from "../internal/is-id.ts";
import { callable, wholeNumber } from "../internal/options.ts";
import { WatertightError } from "../errors.ts";
import type { Authenticate, Identity } from "./authenticate.ts";
import { readBearerToken } from "./bearer-token.ts";
import { type KeyOptions, resolveVerification, type Verification } from "./verification-key.ts";

/** A token that was verified, for who may want to refuse it all the same. */
export interface VerifiedToken {
  readonly tenantId: string;
  readonly userId: string;
  /** `jti`, if the token has one. */
  readonly tokenId: string | undefined;
  /** `iat` in milliseconds since the epoch, if the token has one. */
  readonly issuedAt: number | undefined;
}

/**
 * Says whether a token that is good otherwise was called back. Asked for each request, after the
 * signature was checked. Only `false` means no; a rejection counts as yes, and the operator hears of it.
 */
export type IsRevoked = (token: VerifiedToken) => boolean | Promise<boolean>;

/** Which tokens count as a proof; either `secret` or `keys` must be given. */
export interface JwtAuthenticatorOptions extends KeyOptions {
  /** If given, the token's `iss` must be this. */
  readonly issuer?: string;
  /** If given, the token's `aud` must contain this. */
  readonly audience?: string;
  /** How far the signer's clock may be off, at most 300,000. Default: 0. */
  readonly clockToleranceMs?: number;
  /** Default: no token is called back before it expires. */
  readonly isRevoked?: IsRevoked;
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const MAX_TOLERANCE_MS = 300_000;

/**
 * Authenticates `Authorization: Bearer <jwt>` (RFC 6750), signed with a shared secret or by one of
 * the public keys. `sub` is the user, `tenant` the tenant (default: `default`), `scope` or `scopes`
 * what the token allows; `exp` ends the socket, too. Whatever is wrong with a token, the answer is
 * `null`; rejects only if the keys can't be fetched or `isRevoked` fails. Throws WT_OPTION_INVALID.
 */
export function createJwtAuthenticator(options: JwtAuthenticatorOptions): Authenticate {
  const { now = Date.now, isRevoked = () => false } = options;
  callable("now", now);
  callable("isRevoked", isRevoked);
  const verification = resolveVerification(options);
  const toleranceMs = resolveTolerance(options.clockToleranceMs ?? 0);
  const rules = resolveRules(options, verification, toleranceMs);
  return async (request): Promise<Identity | null> => {
    const token = readBearerToken(request);
    if (token === undefined) return null;
    const claims = await verify(token, verification, { ...rules, currentDate: new Date(now()) });
    const identity = claims === null ? null : readIdentity(claims, toleranceMs);
    if (claims === null || identity === null) return null;
    return (await isRevoked(describe(claims, identity))) === false ? identity : null;
  };
}

function resolveTolerance(toleranceMs: number): number {
  if (wholeNumber("clockToleranceMs", toleranceMs, 0) <= MAX_TOLERANCE_MS) return toleranceMs;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`clockToleranceMs\` to be at most ${MAX_TOLERANCE_MS} (5 minutes), got \`${toleranceMs}\`. Set the clocks instead.`,
  );
}

function resolveRules(
  { issuer, audience }: JwtAuthenticatorOptions,
  { algorithms }: Verification,
  toleranceMs: number,
): JWTVerifyOptions {
  return Object.freeze({
    algorithms: [...algorithms],
    clockTolerance: toleranceMs / 1000,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  });
}

async function verify(
  token: string,
  { key }: Verification,
  rules: JWTVerifyOptions,
): Promise<JWTPayload | null> {
  try {
    // Not one call: the two are overloads that share no signature.
    const verified = await (typeof key === "function"
      ? jwtVerify(token, key, rules)
      : jwtVerify(token, key, rules));
    return verified.payload;
  } catch (error) {
    if (typeof key === "function" && isFaultOfKeys(error)) throw error;
    return null;
  }
}

/** The set could not be fetched or read. All else is said about the token, by who sent it. */
function isFaultOfKeys(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return ["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"].includes(error.code);
}

function readIdentity(claims: JWTPayload, toleranceMs: number): Identity | null {
  const { sub, tenant = "default", jti, exp } = claims;
  const scopes = readScopes(claims);
  if (!isId(sub) || !isId(tenant) || scopes === null) return null;
  // Of another type, no list of tokens that were called back would know it.
  if (jti !== undefined && !isId(jti)) return null;
  // In seconds, and checked: jose refuses a token whose `exp` is no number (RFC 7519, section 4.1.4).
  const expiry = exp === undefined ? {} : { expiresAt: exp * 1000 + toleranceMs };
  return Object.freeze({ tenantId: tenant, userId: sub, ...expiry, ...scopes });
}

/** `scopes`, or `scope` (RFC 8693, section 4.2): a list, or a text with spaces. `null` if it is neither. */
function readScopes({ scope, scopes = scope }: JWTPayload): Pick<Identity, "scopes"> | null {
  if (scopes === undefined) return {};
  const list: unknown = typeof scopes === "string" ? scopes.split(" ").filter(Boolean) : scopes;
  if (!Array.isArray(list) || !list.every(isId)) return null;
  return { scopes: Object.freeze([...list]) };
}

function describe({ jti, iat }: JWTPayload, { tenantId, userId }: Identity): VerifiedToken {
  const issuedAt = iat === undefined ? undefined : iat * 1000;
  return Object.freeze({ tenantId, userId, tokenId: jti, issuedAt });
}
