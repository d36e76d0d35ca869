import {
  CANARY_LENGTH,
  type CanaryBook,
  type CanaryOwner,
  NUMBER_LENGTH,
  NUMBER_SENTINEL,
  SENTINEL,
} from "../canary.ts";
import type { CanaryEvidence } from "../finding.ts";
import type { Received } from "../received.ts";

/** One canary found in one received piece. */
export interface CanaryHit {
  readonly received: Received;
  readonly owner: CanaryOwner;
  readonly token: string;
  readonly encoding: CanaryEvidence["encoding"];
  readonly offset: number;
}

/** One byte string to look for, and how to read the canary around it. */
export interface Needle {
  readonly encoding: CanaryEvidence["encoding"];
  /** Capital and small letters are the same here; the needle is in small ones. */
  readonly anyCase: boolean;
  readonly bytes: Buffer;
  /** Bytes of the encoded text before the needle that belong to the canary. */
  readonly lead: number;
  /** What stands at the start of the decoded token. */
  readonly sentinel: string;
  readonly tokenLength: number;
  readonly decode: (encoded: string) => string;
  readonly length: number;
}

const TOKEN = Object.freeze({ sentinel: SENTINEL, tokenLength: CANARY_LENGTH });

const HEX_LENGTH = CANARY_LENGTH * 2;
const BASE64_LENGTH = Math.ceil((CANARY_LENGTH + 2) / 3) * 4;

/**
 * The few byte strings that betray a canary in any form looked for: plain and hex, both in any case; a
 * number; UTF-16 of little-endian machines;
 * base64 and base64url at each of the three alignments (only the characters that the sentinel
 * alone decides, which are letters and digits and so the same in both alphabets).
 */
export function createNeedles(): readonly Needle[] {
  const plain: Needle = {
    ...TOKEN,
    encoding: "plain",
    anyCase: true,
    bytes: Buffer.from(SENTINEL),
    lead: 0,
    decode: (encoded) => encoded,
    length: CANARY_LENGTH,
  };
  const number: Needle = {
    sentinel: NUMBER_SENTINEL,
    tokenLength: NUMBER_LENGTH,
    encoding: "plain",
    anyCase: false,
    bytes: Buffer.from(NUMBER_SENTINEL),
    lead: 0,
    decode: (encoded) => encoded,
    length: NUMBER_LENGTH,
  };
  const wide: Needle = {
    ...TOKEN,
    encoding: "utf-16",
    anyCase: false,
    bytes: Buffer.from(SENTINEL, "utf16le"),
    lead: 0,
    decode: (encoded) => Buffer.from(encoded, "latin1").toString("utf16le"),
    length: CANARY_LENGTH * 2,
  };
  const hex: Needle = {
    ...TOKEN,
    encoding: "hex",
    anyCase: true,
    bytes: Buffer.from(Buffer.from(SENTINEL).toString("hex")),
    lead: 0,
    decode: (encoded) => Buffer.from(encoded, "hex").toString("latin1"),
    length: HEX_LENGTH,
  };
  return Object.freeze([plain, number, wide, hex, ...[0, 1, 2].map(base64Needle)]);
}

/**
 * Finds every canary that `received` carries, own and foreign. A token that was never minted (cut
 * off, or from an earlier run) is no evidence and is passed over.
 */
export function scanForCanaries(
  received: Received,
  book: CanaryBook,
  needles: readonly Needle[],
): CanaryHit[] {
  const hits: CanaryHit[] = [];
  const small = Buffer.from(received.bytes.toString("latin1").toLowerCase(), "latin1");
  for (const needle of needles) {
    const haystack = needle.anyCase ? small : received.bytes;
    let offset = haystack.indexOf(needle.bytes);
    while (offset !== -1) {
      const found = readToken(received.bytes, offset - needle.lead, needle) ?? "";
      const token = book.asMinted(found);
      const owner = book.ownerOf(found);
      if (token !== undefined && owner !== undefined) {
        hits.push({ received, owner, token, encoding: needle.encoding, offset });
      }
      offset = haystack.indexOf(needle.bytes, offset + needle.bytes.length);
    }
  }
  return hits;
}

function readToken(bytes: Buffer, start: number, needle: Needle): string | undefined {
  const encoded = bytes.toString("latin1", Math.max(0, start), start + needle.length);
  const text = needle.decode(encoded);
  const at = text.toLowerCase().indexOf(needle.sentinel);
  return at === -1 ? undefined : text.slice(at, at + needle.tokenLength);
}

function base64Needle(shift: number): Needle {
  const padded = Buffer.concat([Buffer.alloc(shift), Buffer.from(SENTINEL)]);
  const encoded = padded.toString("base64");
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return {
    ...TOKEN,
    encoding: "base64",
    anyCase: false,
    bytes: Buffer.from(encoded.slice(first, last)),
    lead: first,
    decode: (text) => Buffer.from(text, "base64").toString("latin1"),
    length: BASE64_LENGTH,
  };
}
