import { WatertightError } from "../errors.ts";
import { checkId } from "./id.ts";
import { checkUser, type UserContext } from "./user-context.ts";

/** What a request is about. */
export interface RequestDetails {
  readonly threadId: string;
  readonly runId: string;
  /** Milliseconds since the epoch after which nobody waits any more. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
  /** What the proof of who asks allows its bearer. Default: it does not say. */
  readonly scopes?: readonly string[] | undefined;
}

/**
 * One request of one user: which thread, which run, until when. Frozen all the way down, but for
 * the caller's `signal`, which must be able to fire.
 */
export class RequestContext {
  readonly user: UserContext;
  readonly threadId: string;
  readonly runId: string;
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly scopes: readonly string[] | undefined;
  // oxlint-disable-next-line no-unused-private-class-members -- the proof of origin: `#minted in value`
  readonly #minted = true;

  /** @internal Use {@link createRequestContext}. */
  constructor(user: UserContext, details: RequestDetails) {
    this.user = checkUser(user);
    this.threadId = checkId("threadId", details.threadId);
    this.runId = checkId("runId", details.runId);
    this.deadline = checkDeadline(details.deadline);
    this.signal = details.signal;
    this.scopes = checkScopes(details.scopes);
    Object.freeze(this);
  }

  /** Says whether `value` is a request that this runtime made. */
  static is(value: unknown): value is RequestContext {
    return typeof value === "object" && value !== null && #minted in value;
  }
}

/** Makes the context of a request of `user`. Throws WT_CONTEXT_FORGED, WT_ID_INVALID or WT_OPTION_INVALID. */
export function createRequestContext(user: UserContext, details: RequestDetails): RequestContext {
  return new RequestContext(user, details);
}

function checkDeadline(deadline: number | undefined): number | undefined {
  if (deadline === undefined || Number.isFinite(deadline)) return deadline;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`deadline\` to be milliseconds since the epoch, got \`${String(deadline)}\``,
  );
}

function checkScopes(scopes: readonly string[] | undefined): readonly string[] | undefined {
  if (scopes === undefined) return undefined;
  if (Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string")) {
    return Object.freeze([...scopes]);
  }
  throw new WatertightError(
    "WT_OPTION_INVALID",
    "Expected `scopes` to be a list of texts, got something else.",
  );
}

/** Answers `value` if it is a request that this runtime made; throws WT_CONTEXT_FORGED otherwise. */
export function checkRequest(value: RequestContext): RequestContext {
  if (RequestContext.is(value)) return value;
  throw new WatertightError(
    "WT_CONTEXT_FORGED",
    "Expected a RequestContext made by createRequestContext(), got an object that only looks like one.",
  );
}
