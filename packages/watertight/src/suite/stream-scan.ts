import type { CanaryBook } from "../canary.ts";
import { type CanaryHit, scanForCanaries } from "../detectors/canary-scan.ts";
import type { Needle } from "../detectors/needles.ts";

/** More than the longest form of a canary: what is cut in two is whole in this much and the next piece. */
const OVERLAP_BYTES = 256;

/** A canary in a stream, and the line around it as far as it is known. */
export interface StreamHit extends Pick<CanaryHit, "owner"> {
  /** The characters before the canary, on its line. */
  readonly before: string;
  /** From the canary on, to the end of its line. */
  readonly from: string;
}

/** Finds canaries in a stream of bytes, each once, wherever it is cut; keeps 256 bytes of it. */
export class StreamScan {
  readonly #book: CanaryBook;
  readonly #needles: readonly Needle[];
  #tail = Buffer.alloc(0);
  /** How much of the stream stands before the tail. */
  #offset = 0;
  /** Places, from the beginning of the stream, of hits that the tail still has. */
  #known: readonly number[] = [];

  constructor(book: CanaryBook, needles: readonly Needle[]) {
    this.#book = book;
    this.#needles = needles;
  }

  read(chunk: Buffer): readonly StreamHit[] {
    const bytes = Buffer.concat([this.#tail, chunk]);
    const start = this.#offset;
    const piece = { user: -1, connection: "output", index: 0, atMs: 0, bytes };
    const hits = scanForCanaries(piece, this.#book, this.#needles);
    const fresh = hits.filter(({ offset }) => !this.#known.includes(start + offset));
    this.#tail = bytes.subarray(-OVERLAP_BYTES);
    this.#offset += bytes.length - this.#tail.length;
    this.#known = hits.map(({ offset }) => start + offset).filter((place) => place >= this.#offset);
    return fresh.map(({ owner, offset }) => ({ owner, ...lineAround(bytes, offset) }));
  }
}

function lineAround(bytes: Buffer, offset: number): Pick<StreamHit, "before" | "from"> {
  const start = bytes.lastIndexOf("\n", offset) + 1;
  const end = bytes.indexOf("\n", offset);
  return {
    before: bytes.toString("utf8", start, offset),
    from: bytes.toString("utf8", offset, end === -1 ? bytes.length : end),
  };
}
