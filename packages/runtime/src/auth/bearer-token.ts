import type { IncomingMessage } from "node:http";

/** What Node takes as all headers together by default; no token is longer for a good reason. */
const MAX_TOKEN_LENGTH = 16_384;

/**
 * The token of `Authorization: Bearer <token>` (RFC 6750). `undefined` if there is none, if it is
 * longer than 16,384 characters, or if the header came twice: two proofs are none.
 */
export function readBearerToken(request: IncomingMessage): string | undefined {
  const { authorization = "" } = request.headers;
  if (authorization.length > MAX_TOKEN_LENGTH) return undefined;
  // Node keeps the first of two and says nothing; a proxy before it may have looked at the second.
  if ((request.headersDistinct?.["authorization"]?.length ?? 1) > 1) return undefined;
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
}
