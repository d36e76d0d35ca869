import { createHash, randomBytes } from "node:crypto";
import { createUserContext, type UserContext } from "../context/user-context.ts";

const SECRET_BYTES = 32;
/** The owner's key at its longest (2 ids of 256 characters, escaped), a dot, and the secret. */
const TICKET = /^([\w-]{1,6200})\.[\w-]{43}$/;

/** Makes the text of a ticket: whose it is, so that it can be looked up there, and 256 random bits. */
export function createTicketText(user: UserContext): string {
  const owner = Buffer.from(user.key).toString("base64url");
  return `${owner}.${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** What is kept of a ticket. It covers the whole text, so no part can be exchanged. */
export function hashTicket(ticket: string): string {
  return createHash("sha256").update(ticket).digest("hex");
}

/** Whose ticket that would be if it were one; `undefined` if it can't be one. */
export function readTicketOwner(ticket: unknown): UserContext | undefined {
  const owner = typeof ticket === "string" ? TICKET.exec(ticket)?.[1] : undefined;
  if (owner === undefined) return undefined;
  const key = Buffer.from(owner, "base64url").toString();
  try {
    const [tenantId = "", userId = "", ...rest] = key.split(":").map(decodeURIComponent);
    const user = createUserContext({ tenantId, userId });
    return rest.length === 0 && user.key === key ? user : undefined;
  } catch {
    return undefined;
  }
}
