import { WatertightError } from "../errors.ts";
import { checkId } from "./id.ts";

/** Who a user is: one identity in one tenant. */
export interface UserIdentity {
  readonly userId: string;
  /** Default: `default`. */
  readonly tenantId?: string;
}

/**
 * One user, frozen. Only {@link createUserContext} makes one: an object that merely looks alike is
 * refused wherever a user is asked for.
 */
export class UserContext {
  readonly tenantId: string;
  readonly userId: string;
  /** The owner part of every key: tenant and user, joined so that no two users share one. */
  readonly key: string;
  // oxlint-disable-next-line no-unused-private-class-members -- the proof of origin: `#minted in value`
  readonly #minted = true;

  /** @internal Use {@link createUserContext}. */
  constructor(tenantId: string, userId: string) {
    this.tenantId = checkId("tenantId", tenantId);
    this.userId = checkId("userId", userId);
    this.key = `${encodeURIComponent(tenantId)}:${encodeURIComponent(userId)}`;
    Object.freeze(this);
  }

  /** Says whether `value` is a user that this runtime made. */
  static is(value: unknown): value is UserContext {
    return typeof value === "object" && value !== null && #minted in value;
  }
}

/** Makes the context of a user. Throws WT_ID_INVALID. */
export function createUserContext(identity: UserIdentity): UserContext {
  const { tenantId = "default", userId } = identity;
  return new UserContext(tenantId, userId);
}

/** Answers `value` if it is a user that this runtime made; throws WT_CONTEXT_FORGED otherwise. */
export function checkUser(value: UserContext): UserContext {
  if (UserContext.is(value)) return value;
  throw new WatertightError(
    "WT_CONTEXT_FORGED",
    "Expected a UserContext made by createUserContext(), got an object that only looks like one. Make users where they are authenticated and pass that object on.",
  );
}

/** Throws WT_OWNER_MISMATCH unless `owner` is the user that `mine` belongs to. */
export function checkOwner(mine: UserContext, owner: UserContext): void {
  if (checkUser(owner).key === mine.key) return;
  throw new WatertightError(
    "WT_OWNER_MISMATCH",
    "Expected an object of the user that this component was made for, got one of another user. This is a bug in the caller: pass each user's objects to that user's components.",
  );
}
