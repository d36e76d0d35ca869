import { createHmac, timingSafeEqual } from "node:crypto";

/** What a cursor says: a number of this log, that it is of an earlier log of the user, or nothing. */
export type ReadCursor =
  | { readonly status: "ok"; readonly seq: number }
  | { readonly status: "other-epoch" }
  | { readonly status: "refused" };

/** Writes and reads the cursors of one user's log. */
export interface CursorCodec {
  /** The cursor of a number: opaque, at most 100 characters, safe in URLs and headers. */
  write(seq: number): string;
  /**
   * Reads a cursor. What was not written for this user, to the last character, MUST be refused;
   * what was, but for numbers that have begun anew since, is of another epoch. Never throws.
   */
  read(text: string): ReadCursor;
}

/** What a codec needs to know of a user's log. */
export interface CursorOrigin {
  readonly epoch: string;
  readonly cursorKey: Uint8Array;
}

/** So many numbers in a row are signed by one computation, each by its own part of the result. */
const BLOCK = 8;
const TAG_BYTES = 8;
const FORM = /^([\w-]{1,64})\.(0|[1-9]\d{0,15})\.([\w-]{11})$/;
const REFUSED = Object.freeze({ status: "refused" } as const);
const OTHER_EPOCH = Object.freeze({ status: "other-epoch" } as const);

class SignedCursorCodec implements CursorCodec {
  readonly #origin: CursorOrigin;
  #block = -1;
  #tags: readonly string[] = [];

  constructor(origin: CursorOrigin) {
    this.#origin = origin;
  }

  write(seq: number): string {
    const { epoch, cursorKey } = this.#origin;
    const block = Math.floor(seq / BLOCK);
    if (block !== this.#block) {
      this.#tags = signBlock(cursorKey, epoch, block);
      this.#block = block;
    }
    return `${epoch}.${seq}.${this.#tags[seq % BLOCK]}`;
  }

  read(text: string): ReadCursor {
    const parts = typeof text === "string" && text.length <= 100 ? FORM.exec(text) : null;
    if (parts === null) return REFUSED;
    const [, epoch = "", digits = "", tag = ""] = parts;
    const seq = Number(digits);
    if (!Number.isSafeInteger(seq)) return REFUSED;
    const tags = signBlock(this.#origin.cursorKey, epoch, Math.floor(seq / BLOCK));
    // Text against text: of the last character of a tag, two bits say nothing.
    if (!timingSafeEqual(Buffer.from(tag), Buffer.from(tags[seq % BLOCK] ?? ""))) return REFUSED;
    return epoch === this.#origin.epoch ? { status: "ok", seq } : OTHER_EPOCH;
  }
}

function signBlock(key: Uint8Array, epoch: string, block: number): readonly string[] {
  const signature = createHmac("sha512", key).update(`${epoch}\n${block}`).digest();
  return Array.from({ length: BLOCK }, (_, index) =>
    signature.toString("base64url", index * TAG_BYTES, (index + 1) * TAG_BYTES),
  );
}

/** Makes the codec of the cursors of one user's log. */
export function createCursorCodec({ epoch, cursorKey }: CursorOrigin): CursorCodec {
  return new SignedCursorCodec({ epoch, cursorKey });
}
