import { WatertightError } from "../errors.ts";
import type { Instances } from "./instances.ts";
import { mayHold } from "./lifetime.ts";
import { captive, type Provider } from "./providers.ts";

/**
 * One value of one scope, and who asks on its behalf: its dependencies are read through it, for as
 * long as it lives, and always from the scope that it lives in. What it was first made for is
 * forgotten once it is made: a user's thing must not hold on to the run that was the first to need it.
 */
export class Instance {
  readonly #scope: Instances;
  readonly #provider: Provider | undefined;
  #askedBy: Instance | undefined;
  #waitsFor: Instance[] | undefined;
  #isSettled = false;
  #answer: unknown;
  #value: unknown;

  constructor(scope: Instances, provider?: Provider, askedBy?: Instance) {
    this.#scope = scope;
    this.#provider = provider;
    this.#askedBy = askedBy;
  }

  /** What whoever asks is given: the value, or the promise of it. */
  get answer(): unknown {
    return this.#answer;
  }

  /** What was made, once it is. */
  get value(): unknown {
    return this.#value;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get label(): string {
    return this.#provider?.label ?? `the ${this.#scope.lifetime} scope`;
  }

  /** What a provider is called with: a property for every name, read when it is asked for. */
  get dependencies(): object {
    return new Proxy<Instance>(this, DEPENDENCIES);
  }

  /** Throws WT_SCOPE_DISPOSED, WT_PROVIDER_UNKNOWN, WT_PROVIDER_CAPTIVE, WT_PROVIDER_CYCLE, or what the provider throws. */
  read(name: string): unknown {
    this.#scope.assertUsable();
    const provider = this.#scope.providers.find(name);
    if (provider === undefined) {
      if (isAskedOfAnything(name)) return undefined;
      throw this.#scope.providers.unknown(name, this.label);
    }
    if (!mayHold(this.#scope.lifetime, provider.lifetime)) {
      throw captive([
        ...this.#askers()
          .map(({ label }) => label)
          .reverse(),
        provider.label,
      ]);
    }
    return this.#scope.at(provider.lifetime).get(provider, this);
  }

  /** Its provider has returned; with a promise, it isn't made before it is settled. */
  answers(answer: unknown): void {
    this.#answer = answer;
    if (!this.#isSettled) this.#askedBy?.waitFor(this);
    this.#askedBy = undefined;
  }

  /** It is made, or never will be. */
  settle(value: unknown): void {
    this.#value = value;
    this.#isSettled = true;
    this.#waitsFor = undefined;
  }

  /** Throws WT_PROVIDER_CYCLE if this, which isn't made yet, can't be before `asker` is. */
  assertNoCycle(asker: Instance): void {
    const askers = asker.#askers();
    const way = this.#wayTo(askers, new Set());
    if (way === undefined) return asker.waitFor(this);
    const rest = askers.slice(0, askers.indexOf(way.at(-1) ?? asker)).reverse();
    const path = [...way, ...rest, this].map(({ label }) => label).join(" → ");
    throw new WatertightError(
      "WT_PROVIDER_CYCLE",
      `Expected providers that don't need each other, got ${path}. Take one of these dependencies out, or pass it to a method later.`,
    );
  }

  waitFor(other: Instance): void {
    if (this.#provider === undefined || this.#isSettled) return;
    this.#waitsFor ??= [];
    if (!this.#waitsFor.includes(other)) this.#waitsFor.push(other);
  }

  /** How this one waits for one of `ends`, by way of which others; itself is the shortest way. */
  #wayTo(ends: readonly Instance[], seen: Set<Instance>): Instance[] | undefined {
    if (ends.includes(this)) return [this];
    seen.add(this);
    for (const next of this.#waitsFor ?? []) {
      const way = next.#isSettled || seen.has(next) ? undefined : next.#wayTo(ends, seen);
      if (way !== undefined) return [this, ...way];
    }
    return undefined;
  }

  /** This one, who asked for it, who asked for that, and so on: as long as they are being made. */
  #askers(): Instance[] {
    const asker = this.#askedBy;
    const isRoot = asker === undefined || asker.#provider === undefined;
    return isRoot ? [this] : [this, ...asker.#askers()];
  }
}

/** Says whether JavaScript itself asks objects for it, to wait for them, print them or compare them. */
export function isAskedOfAnything(name: string): boolean {
  return name === "then" || name === "toJSON" || name in Object.prototype;
}

/** Whatever is not a look-up is refused or finds nothing. */
const DEPENDENCIES: ProxyHandler<Instance> = Object.freeze({
  get: (instance: Instance, name: string | symbol) =>
    typeof name === "string" ? instance.read(name) : undefined,
  has: () => false,
  ownKeys: () => [],
  getOwnPropertyDescriptor: () => undefined,
  getPrototypeOf: () => null,
  set: () => false,
  defineProperty: () => false,
  deleteProperty: () => false,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
});
