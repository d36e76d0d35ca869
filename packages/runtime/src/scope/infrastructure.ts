import { types } from "node:util";
import { WatertightError } from "../errors.ts";

/**
 * Freezes `value` all the way down as far as it is plain data (arrays, and objects without a class),
 * and answers it. Everything else is left as it is: instances of classes guard themselves. Throws
 * WT_PROVIDER_SHARED for a bare Map, Set, WeakMap or WeakSet, which can't be frozen.
 */
export function freezeInfrastructure<T>(label: string, value: T): T {
  const known = new Set<object>();
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (isCollection(next)) throw unfreezable(label);
    if (!isPlain(next) || known.has(next)) continue;
    known.add(next);
    const properties = Object.values(Object.getOwnPropertyDescriptors(next));
    pending.push(...properties.map((property) => property.value as unknown));
    Object.freeze(next);
  }
  return value;
}

/** Says whether several scopes may have `value`: nobody can write to it, as far as can be seen. */
export function isShareable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && !isCollection(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function isCollection(value: unknown): boolean {
  return (
    types.isMap(value) || types.isSet(value) || types.isWeakMap(value) || types.isWeakSet(value)
  );
}

function unfreezable(label: string): WatertightError {
  return new WatertightError(
    "WT_PROVIDER_SHARED",
    `Expected the value of ${label} to hold no bare Map or Set: it lives as long as the process, all users would share it, and a Map can't be frozen. Use a frozen object for constants, give each user a Map of their own, or put it behind a class that guards it.`,
  );
}
