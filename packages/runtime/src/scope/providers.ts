import { WatertightError } from "../errors.ts";
import type { Lifetime } from "./lifetime.ts";
import { nearest } from "./nearest.ts";

/** How one name is provided: for how long, and made how. */
export interface Provider {
  readonly lifetime: Lifetime;
  readonly name: string;
  /** `user:cart`: how messages name it. */
  readonly label: string;
  /** Absent for what a scope is given when it is made. */
  readonly create?: (dependencies: never) => unknown;
  /** The class that it makes, if it was added as a class. */
  readonly type?: unknown;
}

/** The definition of a container: which names exist, at which lifetime. Frozen. */
export class Providers {
  /** A record and no Map, for a Map can't be frozen; without a prototype, for names are anybody's. */
  readonly #byName: Readonly<Record<string, Provider>>;

  /** @internal Use `createContainer()`. */
  constructor(providers: readonly Provider[]) {
    const byName = Object.create(null) as Record<string, Provider>;
    for (const provider of providers) byName[provider.name] = provider;
    this.#byName = Object.freeze(byName);
    Object.freeze(this);
  }

  find(name: string): Provider | undefined {
    return this.#byName[name];
  }

  list(): readonly Provider[] {
    return Object.values(this.#byName);
  }

  with(provider: Provider): Providers {
    return new Providers([...this.list(), Object.freeze(provider)]);
  }

  /** What to throw for a name that isn't there. */
  unknown(name: string, asker: string): WatertightError {
    const like = nearest(name, Object.keys(this.#byName));
    const hint = like === undefined ? "" : ` Did you mean \`${like}\`?`;
    return new WatertightError(
      "WT_PROVIDER_UNKNOWN",
      `Expected a name that the container provides, ${asker} asked for \`${name}\`.${hint} Add it to the container before what needs it.`,
    );
  }
}

/** What to throw if something of a longer life asks for something of a shorter one. */
export function captive(path: readonly string[]): WatertightError {
  const [holder, held] = path.slice(-2);
  return new WatertightError(
    "WT_PROVIDER_CAPTIVE",
    `Expected ${holder} to ask for nothing that ends before it does, got ${held}: ${path.join(" → ")}. It would keep the first one for everybody who comes after. Shorten the life of ${holder}, or pass what it needs to its methods.`,
  );
}
