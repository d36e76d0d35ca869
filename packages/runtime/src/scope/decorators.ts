import { WatertightError } from "../errors.ts";
import { type Injection, lifetimeOf, type Need, setInjection } from "./injection.ts";
import { type Lifetime, mayHold } from "./lifetime.ts";
import { captive } from "./providers.ts";

/** What a class is constructed with, if it needs that. A name can be anything: the container knows. */
export type Needed<N extends readonly Need[]> = {
  readonly [I in keyof N]: N[I] extends abstract new (...args: never[]) => infer T ? T : never;
};

/** A standard decorator for a class whose constructor takes these. */
export type InjectionDecorator<A extends readonly unknown[]> = <
  C extends new (...args: A) => object,
>(
  type: C,
  context: ClassDecoratorContext<C>,
) => void;

/** What a class is constructed with, in order. */
export interface InjectionOptions<N extends readonly Need[]> {
  /** Classes that are injected too, `UserContext`, `RequestContext`, or names of the container. */
  readonly needs: N;
}

/**
 * Says that one instance of the class serves the whole process: infrastructure, without any user's
 * data. Throws WT_PROVIDER_CAPTIVE if it needs anything that belongs to a user or a request.
 */
export function injectable<const N extends readonly Need[] = readonly []>(
  options?: InjectionOptions<N>,
): InjectionDecorator<Needed<N>> {
  return decorator("app", options?.needs);
}

/**
 * Says that each user has an instance of their own. Throws WT_PROVIDER_CAPTIVE if it needs anything
 * that belongs to a request.
 */
export function userScoped<const N extends readonly Need[] = readonly []>(
  options?: InjectionOptions<N>,
): InjectionDecorator<Needed<N>> {
  return decorator("user", options?.needs);
}

/** Says that each request, that is each run, has an instance of its own. */
export function requestScoped<const N extends readonly Need[] = readonly []>(
  options?: InjectionOptions<N>,
): InjectionDecorator<Needed<N>> {
  return decorator("run", options?.needs);
}

function decorator<A extends readonly unknown[]>(
  lifetime: Lifetime,
  needs: readonly Need[] = [],
): InjectionDecorator<A> {
  const injection = Object.freeze({ lifetime, needs: Object.freeze([...needs]) });
  return (type, context) => {
    checkUse(type.name, context);
    for (const need of needs) checkNeed(`${lifetime}:${type.name}`, injection, need);
    // Another decorator may replace the class: what counts is the one that is left in the end.
    context.addInitializer(function (this: typeof type) {
      setInjection(this, injection);
    });
  };
}

function checkUse(name: string, context: unknown): void {
  const isRecord = typeof context === "object" && context !== null;
  if (isRecord && "kind" in context && context.kind === "class") return;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected a standard decorator of a class, got another kind of call for ${name}. Decorate classes only, and switch \`experimentalDecorators\` off in tsconfig.json.`,
  );
}

function checkNeed(label: string, { lifetime }: Injection, need: Need): void {
  if (typeof need === "string") return;
  const needed = lifetimeOf(need);
  if (needed === undefined) {
    throw new WatertightError(
      "WT_PROVIDER_UNKNOWN",
      `Expected ${label} to need classes that are decorated, UserContext, RequestContext or names of the container, got ${typeof need === "function" ? need.name : typeof need}. Decorate it, or provide it under a name and need that name.`,
    );
  }
  if (!mayHold(lifetime, needed)) throw captive([label, `${needed}:${need.name}`]);
}
