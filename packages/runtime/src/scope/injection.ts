import { RequestContext } from "../context/request-context.ts";
import { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { Lifetime } from "./lifetime.ts";

/** What a class can need: another class that is injected, the user, the request, or a name of the container. */
export type Need = string | (abstract new (...args: never[]) => unknown);

/** What a decorated class says of itself. Frozen, and kept by the class: there is no table of classes. */
export interface Injection {
  readonly lifetime: Lifetime;
  readonly needs: readonly Need[];
}

const INJECTION: unique symbol = Symbol("watertight.injection");

/** Writes on `type` how it is injected. Throws WT_OPTION_INVALID if that is written already. */
export function setInjection(type: { readonly name: string }, injection: Injection): void {
  if (injectionOf(type) !== undefined) {
    throw new WatertightError(
      "WT_OPTION_INVALID",
      `Expected one of @injectable(), @userScoped() and @requestScoped(), got two on ${type.name}. A class has one lifetime.`,
    );
  }
  Object.defineProperty(type, INJECTION, { value: injection });
}

/** How `type` is injected; `undefined` unless it is decorated itself, for a subclass has another constructor. */
export function injectionOf(type: unknown): Injection | undefined {
  if (typeof type !== "function" || !Object.hasOwn(type, INJECTION)) return undefined;
  return (type as unknown as { readonly [INJECTION]: Injection })[INJECTION];
}

/** How long what is needed lives; `undefined` if that isn't known before the container is. */
export function lifetimeOf(need: Need): Lifetime | undefined {
  if (need === UserContext) return "user";
  if (need === RequestContext) return "run";
  return injectionOf(need)?.lifetime;
}
