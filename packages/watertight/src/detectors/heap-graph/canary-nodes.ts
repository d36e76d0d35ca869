import type { HeapSnapshot } from "./snapshot.ts";

/** Says whose canary a token is, by name; `undefined` for one that nobody owns or that may stay. */
export type OwnerOf = (token: string) => string | undefined;

/** Steps into a text that was put together; more are needed only for pieces of a letter or two. */
const MAX_PIECES = 128;
/** Stands for text that a snapshot doesn't show. */
const UNKNOWN = "\u0000";

/**
 * By user, the strings and buffers that hold the user's canaries. Numbers are not among them: a
 * snapshot leaves them out, and no canary is one.
 */
export function canaryNodes(heap: HeapSnapshot, ownerOf: OwnerOf): Map<string, number[]> {
  const nodes = new Map<string, number[]>();
  for (const [node, tokens] of heap.once(findTokens)) {
    for (const user of new Set(tokens.map(ownerOf))) {
      if (user === undefined) continue;
      const known = nodes.get(user);
      if (known === undefined) nodes.set(user, [node]);
      else known.push(node);
    }
  }
  return nodes;
}

/** By node, the canaries in strings, in joints of strings and in buffers. */
function findTokens(heap: HeapSnapshot): ReadonlyMap<number, readonly string[]> {
  const tokens = new Map<number, readonly string[]>();
  const add: Add = (node, found) => tokens.set(node, found);
  addTexts(heap, add);
  addJoints(heap, add);
  for (const [node, found] of heap.buffers) add(node, found);
  return tokens;
}

type Add = (node: number, tokens: readonly string[]) => void;

function addTexts(heap: HeapSnapshot, add: Add): void {
  const { canaries } = heap.strings;
  if (canaries.size === 0) return;
  const { nodeName, nodeType, nodeTypes } = heap.columns;
  const string = nodeTypes.indexOf("string");
  const isMarked = new Uint8Array(heap.strings.length);
  for (const name of canaries.keys()) isMarked[name] = 1;
  for (let node = 0; node < nodeName.length; node += 1) {
    const name = nodeName[node] as number;
    if (isMarked[name] === 1 && nodeType[node] === string) add(node, canaries.get(name) ?? []);
  }
}

/**
 * A text that was put together from two has no text of its own in a snapshot, only its two parts. A
 * canary that is cut by the joint is in neither.
 */
function addJoints(heap: HeapSnapshot, add: Add): void {
  const { nodeType, nodeTypes } = heap.columns;
  const { forms } = heap.strings;
  const joint = nodeTypes.indexOf("concatenated string");
  for (let node = nodeType.indexOf(joint); node !== -1; node = nodeType.indexOf(joint, node + 1)) {
    const [first, second] = partsOf(heap, node);
    if (first === undefined || second === undefined || !mayGoOn(heap, first)) continue;
    const text = edgeOfText(heap, first, "last") + edgeOfText(heap, second, "first");
    if (forms.mayHold(text)) add(node, forms.tokensIn(text));
  }
}

/** Almost no text ends like the start of a canary; the others need not be put together. */
function mayGoOn(heap: HeapSnapshot, text: number): boolean {
  return (
    heap.typeOf(text) !== "string" || heap.strings.mayGoOn(heap.columns.nodeName[text] as number)
  );
}

function partsOf(heap: HeapSnapshot, node: number): readonly (number | undefined)[] {
  return [heap.target(node, "internal", "first"), heap.target(node, "internal", "second")];
}

/** The last or first characters of a text, as many as the longest form of a canary has. */
function edgeOfText(heap: HeapSnapshot, text: number, side: "first" | "last"): string {
  const { reach } = heap.strings.forms;
  const waiting = [text];
  let found = "";
  for (let pieces = 0; pieces < MAX_PIECES && found.length < reach; pieces += 1) {
    const node = waiting.pop();
    if (node === undefined) break;
    const type = heap.typeOf(node);
    if (type === "concatenated string") {
      const parts = partsOf(heap, node).filter((part) => part !== undefined);
      waiting.push(...(side === "last" ? parts : parts.reverse()));
      continue;
    }
    const [first, last] = heap.strings.ends(heap.columns.nodeName[node] as number);
    const shown = side === "last" ? last : first;
    const piece = type === "string" ? shown : UNKNOWN;
    found = side === "last" ? piece + found : found + piece;
  }
  return side === "last" ? found.slice(-reach) : found.slice(0, reach);
}
