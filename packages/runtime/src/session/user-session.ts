import type { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { isId, MAX_ID_LENGTH } from "../internal/is-id.ts";
import type { EndCause, StoredSession } from "./session-store.ts";

/** One sign-in of one user on one device; frozen. */
export interface UserSession {
  readonly sessionId: string;
  readonly user: UserContext;
  readonly createdAt: number;
  /** When the user was last seen in it. */
  readonly touchedAt: number;
  /** What its user would call the device. */
  readonly device?: string;
}

/** A session that ended, and why. */
export interface EndedSession extends UserSession {
  readonly cause: EndCause;
}

/** What may be said of a session when it begins. */
export interface SessionDetails {
  /** What its user would call the device, for a list of devices: 1 to 256 characters. */
  readonly device?: string;
}

/** Makes the session that a stored one is. */
export function toUserSession(user: UserContext, stored: StoredSession): UserSession {
  const { sessionId, createdAt, touchedAt, device } = stored;
  const label = device === undefined ? {} : { device };
  return Object.freeze({ sessionId, user, createdAt, touchedAt, ...label });
}

/** Answers the details if they are good; throws WT_OPTION_INVALID without repeating the label. */
export function checkDetails({ device }: SessionDetails): SessionDetails {
  if (device === undefined) return {};
  if (isId(device)) return { device };
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`device\` to be a text of 1 to ${MAX_ID_LENGTH} characters without control characters, got ${typeof device}. Shorten what a client says before you pass it on.`,
  );
}
