import { WatertightError } from "../errors.ts";
import { milliseconds } from "../internal/options.ts";
import { withWatchdog } from "../internal/watchdog.ts";

/** How long a thing lives: with the process, a user on this node, a sign-in, a socket, or a run. */
export type Lifetime = "app" | "user" | "session" | "connection" | "run";

/** Something that ends: disposed by the scope that owns it. */
export type Disposer = () => void | Promise<void>;

/** How long a scope, and every scope inside it, waits for what it disposes. */
export interface ScopeOptions {
  /** A single disposer may take this long; then the others go on and it counts as failed. Default: 5,000. */
  readonly disposeTimeoutMs?: number;
}

const CHILDREN: Readonly<Record<Lifetime, readonly Lifetime[]>> = Object.freeze({
  app: ["user"],
  user: ["session"],
  session: ["connection", "run"],
  connection: [],
  run: [],
});
const DISPOSE_TIMEOUT_MS = 5000;

/**
 * A container for everything that lives as long as one thing does. Made by its parent, owns what it
 * is given, and is revoked once disposed: use after that throws WT_SCOPE_DISPOSED.
 *
 * A child holds its parent weakly. What belongs to one user can therefore never reach, by way of its
 * scope, what belongs to another.
 */
export class Scope implements AsyncDisposable {
  readonly lifetime: Lifetime;
  readonly name: string;
  readonly #parent: WeakRef<Scope> | undefined;
  readonly #children = new Set<Scope>();
  readonly #timeoutMs: number;
  #disposers: Disposer[] = [];
  #disposal: Promise<void> | undefined;

  /** @internal Use {@link createAppScope} and {@link Scope.createChild}. */
  constructor(lifetime: Lifetime, name: string, timeoutMs: number, parent?: Scope) {
    this.lifetime = lifetime;
    this.name = name;
    this.#timeoutMs = timeoutMs;
    this.#parent = parent === undefined ? undefined : new WeakRef(parent);
  }

  get isDisposed(): boolean {
    return this.#disposal !== undefined;
  }

  get childCount(): number {
    return this.#children.size;
  }

  /** Makes a scope inside this one. Throws WT_SCOPE_NESTING or WT_SCOPE_DISPOSED. */
  createChild(lifetime: Lifetime, name: string): Scope {
    this.#assertUsable();
    if (!CHILDREN[this.lifetime].includes(lifetime)) {
      throw new WatertightError(
        "WT_SCOPE_NESTING",
        `Expected a child of a ${this.lifetime} scope to be ${CHILDREN[this.lifetime].join(" or ") || "nothing"}, got \`${lifetime}\`. The tree is app > user > session > connection | run.`,
      );
    }
    const child = new Scope(lifetime, name, this.#timeoutMs, this);
    this.#children.add(child);
    return child;
  }

  /** Takes `resource` into ownership and answers it: it is disposed with the scope. */
  own<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.defer(() =>
      Symbol.asyncDispose in resource
        ? Promise.resolve(resource[Symbol.asyncDispose]())
        : resource[Symbol.dispose](),
    );
    return resource;
  }

  /** Calls `disposer` when the scope is disposed; the last deferred comes first. */
  defer(disposer: Disposer): void {
    this.#assertUsable();
    this.#disposers.push(disposer);
  }

  /**
   * Disposes children first, then what is owned, last taken first. Everybody who calls gets the same
   * promise. Always finishes: a disposer that hangs is left behind after its time. Rejects with an
   * AggregateError of all that failed.
   */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #dispose(): Promise<void> {
    const failures: unknown[] = [];
    const children = [...this.#children].reverse();
    const attempts = children.map((child) => child.dispose());
    for (const result of await Promise.allSettled(attempts)) {
      if (result.status === "rejected") failures.push(result.reason);
    }
    for (const disposer of this.#disposers.reverse()) {
      const work = (async () => disposer())();
      await withWatchdog(work, this.#timeoutMs, `A disposer of the ${this.lifetime} scope`).catch(
        (error: unknown) => failures.push(error),
      );
    }
    this.#disposers = [];
    const parent = this.#parent?.deref();
    if (parent !== undefined) parent.#children.delete(this);
    if (failures.length > 0) {
      throw new AggregateError(
        failures,
        `${failures.length} disposals failed in a ${this.lifetime} scope`,
      );
    }
  }

  #assertUsable(): void {
    if (!this.isDisposed) return;
    throw new WatertightError(
      "WT_SCOPE_DISPOSED",
      `Expected a live ${this.lifetime} scope, got one that is disposed. Don't keep scopes or what they own beyond their end.`,
    );
  }
}

/**
 * Makes the root of a tree of scopes: app, then user, session, and connection or run. Throws
 * WT_OPTION_INVALID.
 */
export function createAppScope(options: ScopeOptions = {}): Scope {
  const { disposeTimeoutMs = DISPOSE_TIMEOUT_MS } = options;
  return new Scope("app", "app", milliseconds("disposeTimeoutMs", disposeTimeoutMs));
}
