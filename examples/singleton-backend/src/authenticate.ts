import type { IncomingMessage } from "node:http";
import { jwtVerify } from "jose";

/** Who sent a request, by its bearer token: the tenant and the user in one; `undefined` without proof. */
export async function authenticate(
  request: IncomingMessage,
  secret: string,
): Promise<string | undefined> {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) return undefined;
  const key = new TextEncoder().encode(secret);
  const verified = await jwtVerify(token, key, { algorithms: ["HS256"] }).catch(() => undefined);
  const { sub, tenant = "default" } = verified?.payload ?? {};
  if (typeof sub !== "string" || sub === "" || typeof tenant !== "string") return undefined;
  return userIdOf(tenant, sub);
}

/** One name for a user of a tenant, which no other tenant's user has. */
export function userIdOf(tenant: string, user: string): string {
  return `${encodeURIComponent(tenant)}/${encodeURIComponent(user)}`;
}
