import type { Heard, NodeLink } from "../broker/node-link.ts";
import type { NodeMessage } from "../broker/node-message.ts";
import type { UserContext } from "../context/user-context.ts";
import type { UserStream } from "../event-log/user-stream.ts";
import type { AgentExecutionRegistry } from "../execution/agent-execution-registry.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Scope } from "../scope/scope.ts";
import type { UserSessionManager } from "../session/user-session-manager.ts";

/** One user's way to the other nodes on which the user is. */
export interface UserLink {
  /** Resolves once this node hears of the user; rejects if it can't. */
  readonly joined: Promise<void>;
  readonly tell: (message: NodeMessage) => void;
}

/** What obeys the other nodes, all of it one user's. */
export interface Obedient {
  readonly user: UserContext;
  readonly stream: UserStream;
  readonly registry: AgentExecutionRegistry;
  readonly sessions: WeakRef<UserSessionManager>;
  readonly onError: OnError;
}

/** Listens for a user for as long as `scope` lives. What it answers leads to the link weakly. */
export function linkUser(
  link: NodeLink,
  scope: Scope<"user">,
  user: UserContext,
  hear: (heard: Heard) => void,
): UserLink {
  const joined = link.join(user, scope, hear);
  // Whoever opens the log waits for it, and hears of a failure.
  joined.catch(() => {});
  return wayTo(new WeakRef(link), scope, user, joined);
}

/** A function of its own, so that what it returns closes over nothing but its parameters. */
function wayTo(
  link: WeakRef<NodeLink>,
  scope: Scope<"user">,
  user: UserContext,
  joined: Promise<void>,
): UserLink {
  scope.defer(() => link.deref()?.leave(scope));
  return Object.freeze({
    joined,
    tell: (message: NodeMessage) => link.deref()?.tell(user, message),
  });
}

/**
 * Does what another node says. It is never believed: what was appended is read in the log, which
 * sessions ended says the store, and a run is cancelled only if it is this user's.
 */
export function obey(heard: Heard, { stream, registry, ...sessions }: Obedient): void {
  switch (heard.type) {
    case "appended":
      return stream.catchUp(heard.last);
    case "cancel":
      return void registry.cancel(heard.runId);
    case "sessions":
      return lookAtSessions(sessions);
    case "gap":
      stream.catchUp(Number.POSITIVE_INFINITY);
      return lookAtSessions(sessions);
  }
}

/** What has ended is told to those who listen for that, as soon as the store has said so. */
function lookAtSessions({
  user,
  sessions,
  onError,
}: Pick<Obedient, "user" | "sessions" | "onError">): void {
  sessions
    .deref()
    ?.list(user)
    .catch((error: unknown) => onError(error, { stage: "session-store" }));
}
