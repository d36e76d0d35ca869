import type { IncomingMessage } from "node:http";
import { jwtVerify } from "jose";
import { WatertightError } from "../errors.ts";
import type { Authenticate, Identity } from "./authenticate.ts";

/** Which tokens count as a proof. */
export interface JwtAuthenticatorOptions {
  /** The shared secret of HS256; at least 32 bytes (RFC 7518, section 3.2). */
  readonly secret: string | Uint8Array;
  /** If given, the token's `iss` must be this. */
  readonly issuer?: string;
  /** If given, the token's `aud` must contain this. */
  readonly audience?: string;
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const MIN_SECRET_BYTES = 32;

/**
 * Authenticates `Authorization: Bearer <jwt>` (RFC 6750) signed with HS256. `sub` is the user,
 * `tenant` the tenant (default: `default`), `exp` ends the socket, too. Throws WT_OPTION_INVALID for a short secret.
 */
export function createJwtAuthenticator(options: JwtAuthenticatorOptions): Authenticate {
  const { secret, issuer, audience, now = Date.now } = options;
  const key = readSecret(secret);
  return async (request): Promise<Identity | null> => {
    const token = readBearerToken(request);
    if (token === undefined) return null;
    const verified = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      currentDate: new Date(now()),
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    }).catch(() => null);
    return verified === null ? null : readIdentity(verified.payload);
  };
}

function readSecret(secret: string | Uint8Array): Uint8Array {
  const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const bytes = key instanceof Uint8Array ? key.byteLength : 0;
  if (bytes >= MIN_SECRET_BYTES) return key;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`secret\` to have at least ${MIN_SECRET_BYTES} bytes, got ${bytes}. Make one with: openssl rand -base64 48`,
  );
}

function readBearerToken(request: IncomingMessage): string | undefined {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? "")?.[1];
}

function readIdentity(claims: Readonly<Record<string, unknown>>): Identity | null {
  const { sub, tenant = "default", exp } = claims;
  if (typeof sub !== "string" || sub === "" || typeof tenant !== "string") return null;
  // In seconds, and checked: jose refuses a token whose `exp` is no number (RFC 7519, section 4.1.4).
  const expiry = typeof exp === "number" ? { expiresAt: exp * 1000 } : {};
  return { tenantId: tenant, userId: sub, ...expiry };
}
