import { RequestContext } from "../context/request-context.ts";
import { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { type Injection, injectionOf, type Need } from "./injection.ts";
import { mayHold } from "./lifetime.ts";
import { captive, type Provider, type Providers } from "./providers.ts";

/** A class that can be made. */
export type Constructor = new (...args: never[]) => object;

/**
 * How a decorated class is provided under a name. Throws WT_OPTION_INVALID, WT_PROVIDER_UNKNOWN or
 * WT_PROVIDER_CAPTIVE: everything that can be wrong with it shows here, before there is any user.
 */
export function providerOfClass(
  providers: Providers,
  named: Omit<Provider, "create">,
  type: Constructor,
): Provider {
  const { lifetime, needs } = checkInjection(named, type);
  const names = needs.map((need) => {
    const needed = find(providers, need);
    if (needed === undefined) throw providers.unknown(nameOf(need), named.label);
    if (!mayHold(lifetime, needed.lifetime)) throw captive([named.label, needed.label]);
    return needed.name;
  });
  const create = (dependencies: Readonly<Record<string, never>>): object =>
    new type(...names.map((name) => dependencies[name] as never));
  return { ...named, type, create };
}

/** How messages name what a class needs. */
export function nameOf(need: Need): string {
  return typeof need === "string" ? need : need.name;
}

function find(providers: Providers, need: Need): Provider | undefined {
  if (typeof need === "string") return providers.find(need);
  if (need === UserContext) return providers.find("user");
  if (need === RequestContext) return providers.find("request");
  return providers.list().find((provider) => provider.type === need);
}

function checkInjection(
  { lifetime, label }: Omit<Provider, "create">,
  type: Constructor,
): Injection {
  const injection = injectionOf(type);
  if (injection?.lifetime === lifetime) return injection;
  const found =
    injection === undefined ? "is not decorated itself" : `lives as long as ${injection.lifetime}`;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected the class of ${label} to be decorated for the lifetime \`${lifetime}\`, got one that ${found}. Use @injectable() for app, @userScoped() for user and @requestScoped() for run.`,
  );
}
