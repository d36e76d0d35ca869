import type { AgentWebSocketBridge } from "../bridge/agent-web-socket-bridge.ts";
import type { WebSocketManager } from "../connection/web-socket-manager.ts";
import type { UserContext } from "../context/user-context.ts";
import type { AgentExecutionRegistry, OnError } from "../execution/agent-execution-registry.ts";
import type { Run } from "../execution/run.ts";
import type { Scope } from "../scope/scope.ts";

/** Everything that one user has on this node, made once and owned by the user's scope. */
export interface ResidentUser {
  readonly user: UserContext;
  readonly scope: Scope;
  readonly manager: WebSocketManager;
  readonly bridge: AgentWebSocketBridge;
  readonly registry: AgentExecutionRegistry;
}

/**
 * The table of the users who are here now. It holds users; no user's object holds it, which is why
 * whatever waits for a run holds it weakly.
 */
export class ResidentUsers {
  readonly #residents = new Map<string, ResidentUser>();
  readonly #create: (user: UserContext) => ResidentUser;
  readonly #onError: OnError;

  constructor(create: (user: UserContext) => ResidentUser, onError: OnError) {
    this.#create = create;
    this.#onError = onError;
  }

  get size(): number {
    return this.#residents.size;
  }

  /** The user's things; two look-ups of one user give the same. */
  enter(user: UserContext): ResidentUser {
    const known = this.#residents.get(user.key);
    if (known !== undefined) return known;
    const resident = this.#create(user);
    this.#residents.set(user.key, resident);
    return resident;
  }

  get(user: UserContext): ResidentUser | undefined {
    return this.#residents.get(user.key);
  }

  /** Lets go of a user who has no connection and no run any more. */
  release(key: string): void {
    const resident = this.#residents.get(key);
    if (resident === undefined) return;
    const { manager, registry, scope } = resident;
    if (manager.connections.length > 0 || registry.list().length > 0) return;
    this.#residents.delete(key);
    scope.dispose().catch((error: unknown) => this.#onError(error, { stage: "dispose" }));
  }
}

/** Releases the run's user once the run is over: a disconnect never kills a run. */
export function releaseAfter(run: Run, residents: WeakRef<ResidentUsers>): void {
  const { key } = run.request.user;
  void run.ended.then(() => setImmediate(() => residents.deref()?.release(key)));
}
