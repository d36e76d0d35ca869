import type { UserContext } from "../context/user-context.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Monitor } from "../metrics/monitor.ts";
import type { ResidentUser } from "./resident-user.ts";

/** Makes what a user has on this node; `onLeft` is to be called whenever something of it has ended. */
export type CreateResident = (user: UserContext, onLeft: () => void) => ResidentUser;

/**
 * The table of the users who are here now. It holds users; what a user holds leads back to it weakly
 * at most.
 */
export class ResidentUsers {
  readonly #residents = new Map<string, ResidentUser>();
  readonly #create: CreateResident;
  readonly #monitor: Monitor;
  readonly #onError: OnError;

  constructor(create: CreateResident, monitor: Monitor, onError: OnError) {
    this.#create = create;
    this.#monitor = monitor;
    this.#onError = onError;
  }

  get size(): number {
    return this.#residents.size;
  }

  /** The user's things; two look-ups of one user give the same. */
  enter(user: UserContext): ResidentUser {
    const known = this.#residents.get(user.key);
    if (known !== undefined) return known;
    const resident = this.#create(user, releaser(new WeakRef(this), user.key));
    this.#residents.set(user.key, resident);
    this.#monitor.users = this.size;
    return resident;
  }

  get(user: UserContext): ResidentUser | undefined {
    return this.#residents.get(user.key);
  }

  /** Lets go of a user who has no connection and no run any more. */
  release(key: string): void {
    const resident = this.#residents.get(key);
    if (resident?.isIdle !== true) return;
    this.#residents.delete(key);
    this.#monitor.users = this.size;
    resident.dispose().catch((error: unknown) => this.#onError(error, { stage: "dispose" }));
  }

  /** Runs of all users that have not ended. */
  get runs(): number {
    let runs = 0;
    for (const { registry } of this.#residents.values()) runs += registry.list().length;
    return runs;
  }

  /**
   * Ends all runs while the lines are still there to hear of it, and resolves when that is in the
   * logs. Waits for no agent.
   */
  async endRuns(): Promise<void> {
    const residents = [...this.#residents.values()];
    await Promise.all(residents.map(({ registry }) => registry.dispose()));
    await Promise.all(residents.map(({ stream }) => stream.settled()));
  }
}

/** A function of its own, so that what it returns closes over nothing but its parameters. */
function releaser(residents: WeakRef<ResidentUsers>, key: string): () => void {
  return () => residents.deref()?.release(key);
}
