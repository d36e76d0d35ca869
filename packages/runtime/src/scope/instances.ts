import { types } from "node:util";
import { checkRequest, type RequestContext } from "../context/request-context.ts";
import { checkOwner, checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { withWatchdog } from "../internal/watchdog.ts";
import { type Disposer, disposerOf, runDisposers } from "./disposal.ts";
import { freezeInfrastructure, isShareable } from "./infrastructure.ts";
import { Instance } from "./instance.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Provider, Providers } from "./providers.ts";

/** What a scope is given when it is made, for providers to build on. */
export type Seed = UserContext | RequestContext;

/**
 * What providers made in one scope. It leads to what lives longer, never to a scope: whatever a
 * user's things hold of it, they reach infrastructure and themselves, and no other user.
 */
export class Instances {
  readonly lifetime: Lifetime;
  readonly providers: Providers;
  /** All that was ever made in this tree, held weakly: nothing is made for two scopes. */
  readonly #everMade: WeakSet<object>;
  readonly #outer: Instances | undefined;
  #seed: Seed | undefined;
  #made: Map<Provider, Instance> | undefined;
  #promised: Set<Promise<unknown>> | undefined;
  #disposers: Disposer[] | undefined;
  #revocation: { readonly promise: Promise<never>; readonly revoke: () => void } | undefined;
  #dependencies: object | undefined;
  #isRevoked = false;
  #isDisposed = false;

  /** @internal Use {@link createInstances} and {@link Instances.createChild}. */
  constructor(lifetime: Lifetime, providers: Providers, seed?: Seed, outer?: Instances) {
    this.lifetime = lifetime;
    this.providers = providers;
    this.#outer = outer;
    this.#seed = seed;
    this.#everMade = outer === undefined ? new WeakSet() : outer.#everMade;
  }

  /** Those of a scope within. Throws WT_OPTION_INVALID, WT_CONTEXT_FORGED or WT_OWNER_MISMATCH. */
  createChild(lifetime: Lifetime, seed: Seed | undefined): Instances {
    return new Instances(lifetime, this.providers, this.#checkSeed(lifetime, seed), this);
  }

  /** A property for every name; the same object each time. Throws WT_SCOPE_DISPOSED. */
  get dependencies(): object {
    this.assertUsable();
    this.#dependencies ??= new Instance(this).dependencies;
    return this.#dependencies;
  }

  assertUsable(): void {
    if (this.#isRevoked) throw disposed(this.lifetime);
  }

  /** Those of the scope of that lifetime around this one, or this one. */
  at(lifetime: Lifetime): Instances {
    if (this.lifetime === lifetime) return this;
    if (this.#outer === undefined) throw disposed(lifetime);
    return this.#outer.at(lifetime);
  }

  /** The one instance of this scope, made if need be. */
  get(provider: Provider, asker: Instance): unknown {
    if (provider.create === undefined) return this.#seed;
    const known = this.#made?.get(provider);
    if (known === undefined) return this.#make(provider, asker);
    if (!known.isSettled) known.assertNoCycle(asker);
    return known.answer;
  }

  /** From now on nothing is found here any more, and whoever waits for a promise hears of it. */
  revoke(): void {
    this.#isRevoked = true;
    this.#revocation?.revoke();
  }

  /**
   * Disposes of what was made, last made first, and lets go of it; what is promised is waited for.
   * Always finishes, and answers what failed.
   */
  async dispose(timeoutMs: number): Promise<unknown[]> {
    this.revoke();
    // A provider may be the one who disposes: what it makes comes into the list first.
    if (this.#made !== undefined) await Promise.resolve();
    const what = `A provider of the ${this.lifetime} scope`;
    const late: unknown[] = [];
    if (this.#promised !== undefined) {
      const waits = [...this.#promised].map((work) => withWatchdog(work, timeoutMs, what));
      const results = await Promise.allSettled(waits);
      late.push(...results.flatMap((result) => ("reason" in result ? [result.reason] : [])));
    }
    this.#isDisposed = true;
    const failures =
      this.#disposers === undefined ? [] : await runDisposers(this.#disposers, timeoutMs, what);
    this.#made = undefined;
    this.#seed = undefined;
    this.#dependencies = undefined;
    this.#revocation = undefined;
    return [...late, ...failures];
  }

  #make(provider: Provider, asker: Instance): unknown {
    const instance = new Instance(this, provider, asker);
    this.#made ??= new Map();
    this.#made.set(provider, instance);
    try {
      const create = provider.create as (dependencies: object) => unknown;
      const result = create(instance.dependencies);
      if (types.isPromise(result)) return this.#promise(provider, instance, result);
      instance.settle(this.#adopt(provider, result));
      instance.answers(result);
      return result;
    } catch (error) {
      this.#forget(provider, instance);
      throw error;
    }
  }

  /** It could not be made: whoever asks next may have more luck. */
  #forget(provider: Provider, instance: Instance): void {
    instance.settle(undefined);
    this.#made?.delete(provider);
  }

  /** Answers what `work` resolves with, if that comes to be while the scope lives. */
  #promise(provider: Provider, instance: Instance, work: Promise<unknown>): Promise<unknown> {
    const adopted = work.then((value) => this.#adopt(provider, value));
    const settled: Promise<void> = adopted
      .then(
        (value) => instance.settle(value),
        () => this.#forget(provider, instance),
      )
      .then(() => void this.#promised?.delete(settled));
    this.#promised ??= new Set();
    this.#promised.add(settled);
    this.#revocation ??= createRevocation(this.lifetime);
    const answer = Promise.race([adopted, this.#revocation.promise]);
    // One user's failed provider must not end the process of all, if nobody waits for it.
    answer.catch(ignore);
    instance.answers(answer);
    return answer;
  }

  /** Takes into ownership what a provider made. Throws WT_PROVIDER_SHARED or WT_SCOPE_DISPOSED. */
  #adopt(provider: Provider, value: unknown): unknown {
    if ((typeof value === "object" && value !== null) || typeof value === "function") {
      if (!this.#everMade.has(value)) this.#own(value);
      else if (!isShareable(value) && !this.#holds(value)) throw shared(provider);
    }
    if (this.#isRevoked) throw disposed(this.lifetime);
    return this.lifetime === "app" ? freezeInfrastructure(provider.label, value) : value;
  }

  #own(value: object): void {
    this.#everMade.add(value);
    const dispose = disposerOf(value);
    if (dispose === undefined) return;
    if (this.#isDisposed) {
      // Nobody waits for it any more, and that it is late is told by the disposal.
      void Promise.resolve().then(dispose).catch(ignore);
      return;
    }
    this.#disposers ??= [];
    this.#disposers.push(dispose);
  }

  /** Says whether `value` belongs to this scope or to one around it. */
  #holds(value: unknown): boolean {
    for (const instance of this.#made?.values() ?? []) {
      if (instance.isSettled && instance.value === value) return true;
    }
    if (value === this.#seed) return true;
    return this.#outer !== undefined && this.#outer.#holds(value);
  }

  #checkSeed(lifetime: Lifetime, seed: Seed | undefined): Seed | undefined {
    if (lifetime !== "user" && lifetime !== "run") return undefined;
    if (seed === undefined) {
      const expected = lifetime === "user" ? "the UserContext" : "the RequestContext";
      throw new WatertightError(
        "WT_OPTION_INVALID",
        `Expected a ${lifetime} scope of a tree with a container to be made with ${expected}, got none. Pass it as the third argument of createChild().`,
      );
    }
    if (lifetime === "user") return checkUser(seed as UserContext);
    const request = checkRequest(seed as RequestContext);
    checkOwner(this.at("user").#seed as UserContext, request.user);
    return request;
  }
}

/** Those of an app scope; all others are made within. */
export function createInstances(providers: Providers): Instances {
  return new Instances("app", providers);
}

/** What to throw if something is asked of a scope that has ended. */
export function disposed(lifetime: Lifetime): WatertightError {
  return new WatertightError(
    "WT_SCOPE_DISPOSED",
    `Expected a live ${lifetime} scope, got one that is disposed. Don't keep scopes or what they own beyond their end.`,
  );
}

function shared(provider: Provider): WatertightError {
  return new WatertightError(
    "WT_PROVIDER_SHARED",
    `Expected ${provider.label} to make a new object for each ${provider.lifetime}, got one that was made for another scope. Make it within the provider; if it is infrastructure for all, provide it at \`app\` and ask for it.`,
  );
}

function createRevocation(lifetime: Lifetime): {
  readonly promise: Promise<never>;
  readonly revoke: () => void;
} {
  let revoke = (): void => {};
  const promise = new Promise<never>((_, reject) => (revoke = () => reject(disposed(lifetime))));
  promise.catch(ignore);
  return { promise, revoke };
}

function ignore(): void {}
