import { classOf, isOwnScript, scriptOf } from "./named-place.ts";
import type { HeapSnapshot } from "./snapshot.ts";

/**
 * Finds the instances of a class and of its subclasses, by the name of the class. Where the
 * application and an installed package have classes of the same name, the application's is meant.
 */
export function findInstances(heap: HeapSnapshot, className: string): readonly number[] {
  const found = new Set<number>();
  for (const candidate of classesNamed(heap, className)) {
    const prototype = heap.target(candidate, "property", "prototype");
    if (prototype !== undefined) collectInstances(heap, prototype, found);
  }
  const instances = [...found].sort((a, b) => a - b);
  const own = instances.filter((instance) => isOwnClass(heap, classOf(heap, instance)));
  return own.length > 0 ? own : instances;
}

/** By the name that the engine knows, and by one that a bundler has written down for it. */
function classesNamed(heap: HeapSnapshot, className: string): readonly number[] {
  const nameIndex = heap.strings.indexOf(className);
  if (nameIndex === -1) return [];
  const classes: number[] = [];
  const { nodeName } = heap.columns;
  for (
    let node = nodeName.indexOf(nameIndex);
    node !== -1;
    node = nodeName.indexOf(nameIndex, node + 1)
  ) {
    const type = heap.typeOf(node);
    if (type === "closure") classes.push(node);
    if (type === "string") classes.push(...renamedTo(heap, node));
  }
  return classes;
}

function renamedTo(heap: HeapSnapshot, text: number): readonly number[] {
  return [...heap.edgesTo(text)]
    .filter(({ kind, name, from }) => {
      return kind === "property" && name === "name" && heap.typeOf(from) === "closure";
    })
    .map(({ from }) => from);
}

/** What inherits from a prototype is an instance, or the prototype of a subclass. */
function collectInstances(heap: HeapSnapshot, prototype: number, found: Set<number>): void {
  for (const { kind, name, from } of heap.edgesTo(prototype)) {
    if (kind !== "property" || name !== "__proto__" || heap.typeOf(from) !== "object") continue;
    const isPrototype = heap.target(from, "property", "constructor") !== undefined;
    if (isPrototype) collectInstances(heap, from, found);
    else found.add(from);
  }
}

function isOwnClass(heap: HeapSnapshot, constructor: number | undefined): boolean {
  const script = constructor === undefined ? undefined : scriptOf(heap, constructor);
  return script !== undefined && isOwnScript(script);
}
