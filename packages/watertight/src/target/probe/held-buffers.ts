import type { Session } from "node:inspector";
import { types } from "node:util";
import { CANARY_LENGTH, canaryPattern, SENTINEL } from "../../canary.ts";
import type { HeldBuffer } from "./messages.ts";

/** Where the engine finds what this file hands to it, for as long as a search takes. */
const DESK: unique symbol = Symbol.for("watertight.probe.desk");
const GROUP = "watertight";
/** Arrays of up to so many bytes live on the heap; asking one for its buffer would move it. */
const ON_HEAP_BYTES = 64;
/** Views come first: they say which buffers are cut into slices. */
const PROTOTYPES: readonly object[] = Object.freeze([
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  ArrayBuffer.prototype,
  SharedArrayBuffer.prototype,
]);

type Desk = {
  readonly prototypes: typeof PROTOTYPES;
  readonly search: (all: object[]) => object[];
};

/** A way to ask the engine of this thread; no port is opened. A Node without inspector has none. */
export async function openSession(): Promise<Session | undefined> {
  try {
    const { Session } = await import("node:inspector");
    return new Session();
  } catch {
    return undefined;
  }
}

/**
 * Finds the buffers of this process whose bytes hold canaries in plain text, by the numbers that they
 * had in the last heap snapshot; a buffer that is younger is left out. A slice counts for what it
 * shows, so users who share a pool of buffers don't share data. Ends the session, whereupon the engine
 * numbers all objects anew. Throws if the engine won't tell.
 */
export function findHeldBuffers(session: Session): readonly HeldBuffer[] {
  const found: (readonly string[])[] = [];
  const desk: Desk = { prototypes: PROTOTYPES, search: createSearch(found) };
  Object.defineProperty(globalThis, DESK, { value: desk, configurable: true });
  session.connect();
  try {
    const nodeIds = PROTOTYPES.flatMap((_, place) => nodeIdsOf(session, place));
    return nodeIds
      .map((nodeId, index) => ({ nodeId, canaries: found[index] ?? [] }))
      .filter(({ nodeId }) => nodeId !== 0);
  } finally {
    session.disconnect();
    Reflect.deleteProperty(globalThis, DESK);
  }
}

/** Says which of some objects hold canaries, and notes which canaries in `found`. */
function createSearch(found: (readonly string[])[]): Desk["search"] {
  const cut = new WeakSet<object>();
  return (all) =>
    all.filter((one) => {
      const bytes = bytesOf(one, cut);
      const canaries = bytes === undefined ? [] : canariesIn(bytes);
      if (canaries.length > 0) found.push(canaries);
      return canaries.length > 0;
    });
}

function bytesOf(one: object, cut: WeakSet<object>): Uint8Array | undefined {
  if (types.isAnyArrayBuffer(one)) {
    const isPool = one.byteLength === Buffer.poolSize || cut.has(one);
    return isPool ? undefined : new Uint8Array(one);
  }
  // A prototype inherits from the prototype that is asked for, but it has no bytes.
  if (!ArrayBuffer.isView(one)) return undefined;
  if (one.byteOffset === 0 && one.byteLength <= ON_HEAP_BYTES) {
    return types.isUint8Array(one) ? one : undefined;
  }
  if (one.byteLength < one.buffer.byteLength) cut.add(one.buffer);
  return new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
}

function canariesIn(bytes: Uint8Array): readonly string[] {
  const canaries = new Set<string>();
  const indexOf = (from: number): number => Buffer.prototype.indexOf.call(bytes, SENTINEL, from);
  for (let at = indexOf(0); at !== -1; at = indexOf(at + 1)) {
    const text = Buffer.from(bytes.subarray(at, at + CANARY_LENGTH)).toString("latin1");
    if (canaryPattern().test(text)) canaries.add(text);
  }
  return [...canaries];
}

/** The numbers of the objects that a search found among those of one prototype, in its order. */
function nodeIdsOf(session: Session, place: number): readonly number[] {
  const desk = `globalThis[Symbol.for(${JSON.stringify(DESK.description)})]`;
  const { result: prototype } = ask<Remote>(session, "Runtime.evaluate", {
    expression: `${desk}.prototypes[${place}]`,
    objectGroup: GROUP,
  });
  const { objects } = ask<{ readonly objects: Remote["result"] }>(session, "Runtime.queryObjects", {
    prototypeObjectId: prototype.objectId,
    objectGroup: GROUP,
  });
  const { result: hits } = ask<Remote>(session, "Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: `function () { return ${desk}.search(this); }`,
    objectGroup: GROUP,
  });
  if (hits.subtype === "error") throw new Error(hits.description);
  const { result } = ask<{ readonly result: readonly Property[] }>(
    session,
    "Runtime.getProperties",
    {
      objectId: hits.objectId,
      ownProperties: true,
    },
  );
  const ids = result
    .filter(({ name }) => /^\d+$/.test(name))
    .map(({ value }) => nodeIdOf(session, value?.objectId));
  session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
  return ids;
}

function nodeIdOf(session: Session, objectId: string | undefined): number {
  const { heapSnapshotObjectId } = ask<{ readonly heapSnapshotObjectId: string }>(
    session,
    "HeapProfiler.getHeapObjectId",
    { objectId },
  );
  return Number(heapSnapshotObjectId);
}

interface Remote {
  readonly result: {
    readonly objectId?: string;
    readonly subtype?: string;
    readonly description?: string;
  };
}

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string };
}

/** Asks the engine of this very thread: the answer is there when the call returns. */
function ask<T>(session: Session, method: string, params: object): T {
  let answer: T | undefined;
  let failure: unknown;
  session.post(method, params, (error: Error | null, result?: object) => {
    failure = error;
    answer = result as T;
  });
  if (answer === undefined) throw new Error(`${method}: ${JSON.stringify(failure)}`);
  return answer;
}
