import type { RequestContext } from "../context/request-context.ts";
import type { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { callable } from "../internal/options.ts";
import { type Constructor, providerOfClass } from "./class-provider.ts";
import { isAskedOfAnything } from "./instance.ts";
import { type Lifetime, LIFETIMES, type Within } from "./lifetime.ts";
import { type Provider, Providers } from "./providers.ts";
import type { Scope } from "./scope.ts";

/** What a container knows of a name: how long it lives, and what it is. */
export interface Provided<L extends Lifetime = Lifetime, V = unknown> {
  readonly lifetime: L;
  readonly value: V;
}

/** What a container knows of all its names. */
export type ProvidedNames = Readonly<Record<string, Provided>>;

/** What every container provides: the user from a user's scope inwards, the request within a run. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface is no record
export type GivenNames = {
  readonly user: Provided<"user", UserContext>;
  readonly request: Provided<"run", RequestContext>;
};

/**
 * What can be asked for in a scope, or by a provider, of one lifetime: all names that live as long or
 * longer. For a scope of unknown lifetime, what can be asked for in every scope.
 */
export type Dependencies<P extends ProvidedNames, L extends Lifetime> = {
  readonly [N in keyof P as [L] extends [Within[P[N]["lifetime"]]] ? N : never]: P[N]["value"];
};

/** A container that also provides that name. */
export type With<P extends ProvidedNames, N extends string, L extends Lifetime, V> = Container<
  P & { readonly [K in N]: Provided<L, V> }
>;

/** Nothing to demand of a name, unless the container has it already. */
export type Unused<N, P> = N extends keyof P ? never : unknown;

/** Nothing to demand of a class, unless a parameter of its constructor is of a type that nobody provides. */
export type Served<C extends Constructor, D> = [Each<ConstructorParameters<C>, D>] extends [true]
  ? unknown
  : { readonly "a parameter of the constructor that nobody provides for that long": never };

type Each<A extends readonly unknown[], D> = { [I in keyof A]: Serves<A[I], D> }[number];

type Serves<A, D> = [Extract<D[keyof D], A>] extends [never] ? false : true;

const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * What exists at which lifetime, and how it is made: a definition, frozen. Adding to it answers
 * another one. What is made by it lives in scopes: once in each scope of its lifetime, made when it
 * is first asked for, and disposed with the scope.
 */
export class Container<P extends ProvidedNames = GivenNames> {
  /** @internal */
  readonly providers: Providers;

  /** @internal Use {@link createContainer}. */
  constructor(providers: Providers) {
    this.providers = providers;
    Object.freeze(this);
  }

  /**
   * Provides `name`, made by `create` once for each scope of that lifetime. `create` MUST make a new
   * value each time; it MAY answer a promise of one. It can ask for whatever lives as long or
   * longer, also later; anything else does not type-check, and throws WT_PROVIDER_CAPTIVE. Plain
   * data at `app` is frozen. Throws WT_OPTION_INVALID.
   */
  add<L extends Lifetime, N extends string, V>(
    lifetime: L,
    name: N & Unused<N, P>,
    create: (dependencies: Dependencies<P, L>) => V,
  ): With<P, N, L, V> {
    return this.#with({ ...this.#named(lifetime, name), create: callable(`create`, create) });
  }

  /**
   * Provides `name`, an instance of a class that says with `@injectable()`, `@userScoped()` or
   * `@requestScoped()` how long it lives and what it needs. What it needs MUST be added before.
   * Throws WT_OPTION_INVALID, WT_PROVIDER_UNKNOWN or WT_PROVIDER_CAPTIVE.
   */
  addClass<L extends Lifetime, N extends string, C extends Constructor>(
    lifetime: L,
    name: N & Unused<N, P>,
    type: C & Served<C, Dependencies<P, L>>,
  ): With<P, N, L, InstanceType<C>> {
    return this.#with(providerOfClass(this.providers, this.#named(lifetime, name), type));
  }

  /**
   * What can be asked for in `scope`: a property for each name, read when it is asked for. Throws
   * WT_SCOPE_DISPOSED; WT_OPTION_INVALID if the tree was made with another container.
   */
  in<L extends Lifetime>(scope: Scope<L>): Dependencies<P, L> {
    const { instances } = scope;
    if (instances?.providers === this.providers) {
      return instances.dependencies as Dependencies<P, L>;
    }
    throw new WatertightError(
      "WT_OPTION_INVALID",
      `Expected a scope of a tree that was made with this container, got one ${instances === undefined ? "without a container" : "with another container"}. Pass it to createAppScope({ container }).`,
    );
  }

  #with<Q extends ProvidedNames>(provider: Provider): Container<Q> {
    return new Container<Q>(this.providers.with(provider));
  }

  #named(lifetime: Lifetime, name: string): Omit<Provider, "create"> {
    if (!LIFETIMES.includes(lifetime)) {
      throw invalid(`a lifetime to be one of ${LIFETIMES.join(", ")}`, String(lifetime));
    }
    if (!NAME.test(name) || isAskedOfAnything(name))
      throw invalid("a name that is an identifier and not JavaScript's own", name);
    if (this.providers.find(name) !== undefined) throw invalid("a name to be added once", name);
    return { lifetime, name, label: `${lifetime}:${name}` };
  }
}

/** Makes an empty container: it provides the `user` and the `request` that scopes are made with. */
export function createContainer(): Container {
  return new Container(
    new Providers([
      Object.freeze({ lifetime: "user", name: "user", label: "user:user" }),
      Object.freeze({ lifetime: "run", name: "request", label: "run:request" }),
    ]),
  );
}

function invalid(expected: string, found: string): WatertightError {
  return new WatertightError("WT_OPTION_INVALID", `Expected ${expected}, got \`${found}\``);
}
