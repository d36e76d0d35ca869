import { WatertightError } from "../errors.ts";
import type { RequestContext } from "../context/request-context.ts";
import type { UserContext } from "../context/user-context.ts";
import { milliseconds } from "../internal/options.ts";
import { type Disposer, disposerOf, runDisposers } from "./disposal.ts";
import { createInstances, disposed, type Instances, type Seed } from "./instances.ts";
import { childrenOf, type Lifetime } from "./lifetime.ts";
import { Providers } from "./providers.ts";

export type { Disposer } from "./disposal.ts";
export type { Lifetime } from "./lifetime.ts";

/** What a tree of scopes is made with. */
export interface ScopeOptions {
  /** A single disposer may take this long; then the others go on and it counts as failed. Default: 5,000. */
  readonly disposeTimeoutMs?: number;
  /** A `Container`: what can be found in the scopes of this tree. Default: nothing. */
  readonly container?: { readonly providers: Providers };
}

/** What a scope of each lifetime is made with, for providers to build on. */
export interface Seeds {
  readonly app: never;
  readonly user: UserContext;
  readonly session: never;
  readonly connection: never;
  readonly run: RequestContext;
}

/** What a scope has of its parent. */
interface Origin {
  readonly parent?: WeakRef<Scope>;
  readonly instances?: Instances | undefined;
}

const DISPOSE_TIMEOUT_MS = 5000;

/**
 * A container for everything that lives as long as one thing does. Made by its parent, owns what it
 * is given, and is revoked once disposed: use after that throws WT_SCOPE_DISPOSED.
 *
 * A child holds its parent weakly. What belongs to one user can therefore never reach, by way of its
 * scope, what belongs to another.
 */
export class Scope<out L extends Lifetime = Lifetime> implements AsyncDisposable {
  readonly lifetime: L;
  readonly name: string;
  /** @internal Use `container.in(scope)`. */
  readonly instances: Instances | undefined;
  readonly #parent: WeakRef<Scope> | undefined;
  readonly #timeoutMs: number;
  // Made when they are needed: most scopes live shortly, and have no children and little to dispose.
  #self: WeakRef<Scope> | undefined;
  #children: Set<Scope> | undefined;
  #disposers: Disposer[] | undefined;
  #disposal: Promise<void> | undefined;

  /** @internal Use {@link createAppScope} and {@link Scope.createChild}. */
  constructor(lifetime: L, name: string, timeoutMs: number, origin: Origin) {
    this.lifetime = lifetime;
    this.name = name;
    this.instances = origin.instances;
    this.#timeoutMs = timeoutMs;
    this.#parent = origin.parent;
  }

  get isDisposed(): boolean {
    return this.#disposal !== undefined;
  }

  get childCount(): number {
    return this.#children?.size ?? 0;
  }

  /**
   * Makes a scope inside this one. In a tree with a container, a user's scope is made with the
   * user, and a run's with the request. Throws WT_SCOPE_NESTING or WT_SCOPE_DISPOSED; with a
   * container also WT_OPTION_INVALID, WT_CONTEXT_FORGED and WT_OWNER_MISMATCH.
   */
  createChild<C extends Lifetime>(lifetime: C, name: string, seed?: Seeds[C]): Scope<C> {
    this.#assertUsable();
    if (!childrenOf(this.lifetime).includes(lifetime)) {
      throw new WatertightError(
        "WT_SCOPE_NESTING",
        `Expected a child of a ${this.lifetime} scope to be ${childrenOf(this.lifetime).join(" or ") || "nothing"}, got \`${lifetime}\`. The tree is app > user > session > connection | run.`,
      );
    }
    this.#self ??= new WeakRef<Scope>(this);
    const instances = this.instances?.createChild(lifetime, seed as Seed | undefined);
    const child = new Scope(lifetime, name, this.#timeoutMs, { parent: this.#self, instances });
    this.#children ??= new Set();
    this.#children.add(child);
    return child;
  }

  /** Takes `resource` into ownership and answers it: it is disposed with the scope. */
  own<T extends AsyncDisposable | Disposable>(resource: T): T {
    const disposer = disposerOf(resource);
    if (disposer !== undefined) this.defer(disposer);
    return resource;
  }

  /** Calls `disposer` when the scope is disposed; the last deferred comes first. */
  defer(disposer: Disposer): void {
    this.#assertUsable();
    this.#disposers ??= [];
    this.#disposers.push(disposer);
  }

  /**
   * Disposes children first, then what it was given, last taken first, then what providers made in
   * it, last made first. Everybody who calls gets the same promise. Always finishes: a disposer that
   * hangs is left behind after its time. Rejects with an AggregateError of all that failed.
   */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #dispose(): Promise<void> {
    this.instances?.revoke();
    const failures: unknown[] = [];
    if (this.#children !== undefined) {
      const attempts = [...this.#children].reverse().map((child) => child.dispose());
      for (const result of await Promise.allSettled(attempts)) {
        if (result.status === "rejected") failures.push(result.reason);
      }
    }
    if (this.#disposers !== undefined) {
      // Not before `dispose` has returned: a disposer may call it again.
      await Promise.resolve();
      const what = `A disposer of the ${this.lifetime} scope`;
      failures.push(...(await runDisposers(this.#disposers, this.#timeoutMs, what)));
      this.#disposers = undefined;
    }
    if (this.instances !== undefined) {
      failures.push(...(await this.instances.dispose(this.#timeoutMs)));
    }
    const parent = this.#parent?.deref();
    if (parent !== undefined) parent.#children?.delete(this);
    if (failures.length === 0) return;
    throw new AggregateError(
      failures,
      `${failures.length} disposals failed in a ${this.lifetime} scope`,
    );
  }

  #assertUsable(): void {
    if (this.isDisposed) throw disposed(this.lifetime);
  }
}

/**
 * Makes the root of a tree of scopes: app, then user, session, and connection or run. Throws
 * WT_OPTION_INVALID.
 */
export function createAppScope(options: ScopeOptions = {}): Scope<"app"> {
  const { disposeTimeoutMs = DISPOSE_TIMEOUT_MS, container } = options;
  if (container !== undefined && !(container.providers instanceof Providers)) {
    throw new WatertightError(
      "WT_OPTION_INVALID",
      "Expected `container` to be made by createContainer(), got something else.",
    );
  }
  const timeoutMs = milliseconds("disposeTimeoutMs", disposeTimeoutMs);
  const instances = container === undefined ? undefined : createInstances(container.providers);
  return new Scope("app", "app", timeoutMs, { instances });
}
