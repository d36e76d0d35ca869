import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";

const SHOWN_STEPS = 6;
/** Its text isn't in a snapshot, only the whole that it is a part of. */
const SLICE = "a part that retains the whole text";

/**
 * Writes the way that some edges go as a person would say it: `connections → Map → value.userId`.
 * Steps that the engine takes by itself are left out.
 */
export function pathText(heap: HeapSnapshot, edges: readonly HeapEdge[]): string {
  const steps = edges.flatMap((edge) => {
    const step = stepText(edge);
    const type = heap.typeOf(edge.to) === "sliced string" ? SLICE : containerName(heap, edge.to);
    return [...(step === undefined ? [] : [step]), ...(type === undefined ? [] : [type])];
  });
  const shown = steps.filter((step, place) => step !== steps[place - 1]);
  if (shown.length <= SHOWN_STEPS) return shown.join(" → ");
  return [...shown.slice(0, SHOWN_STEPS - 1), "…", ...shown.slice(-1)].join(" → ");
}

function stepText({ kind, name }: HeapEdge): string | undefined {
  if (kind === "property" || kind === "context") return name;
  return kind === "element" ? `[${name}]` : undefined;
}

function containerName(heap: HeapSnapshot, node: number): string | undefined {
  const name = heap.nameOf(node);
  return heap.typeOf(node) === "object" && /^[A-Z]\w*$/.test(name) && name !== "Object"
    ? name
    : undefined;
}
