import {
  BYTES_LENGTH,
  BYTES_SENTINEL,
  CANARY_LENGTH,
  NUMBER_LENGTH,
  NUMBER_SENTINEL,
  SENTINEL,
} from "../canary.ts";
import type { CanaryEvidence } from "../finding.ts";

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
  /** Bytes of the encoded canary, `lead` included. */
  readonly length: number;
  /** Only of use when some canary is made of bytes. */
  readonly isOfBytes: boolean;
}

type Form = Pick<Needle, "encoding" | "anyCase" | "bytes" | "decode" | "length"> &
  Partial<Pick<Needle, "lead">>;

const BASE64_LENGTH = Math.ceil((CANARY_LENGTH + 2) / 3) * 4;

/**
 * The few byte strings that betray a canary in any form looked for: plain and hex, both in any case; UTF-16
 * of little-endian machines; base64 and base64url at each of the three alignments (only the characters
 * that the sentinel alone decides, which are letters and digits and so the same in both alphabets);
 * numbers in plain; bytes as they are, percent-encoded, in hex, and as characters of Latin-1 or UTF-16 that
 * were written in UTF-8.
 */
export function createNeedles(): readonly Needle[] {
  return Object.freeze([...textForms().map(ofText), ofNumber(), ...byteForms().map(ofBytes)]);
}

function ofText(form: Form): Needle {
  const token = { sentinel: SENTINEL, tokenLength: CANARY_LENGTH };
  return Object.freeze({ lead: 0, isOfBytes: false, ...token, ...form });
}

function ofNumber(): Needle {
  return Object.freeze({
    encoding: "plain",
    anyCase: false,
    bytes: Buffer.from(NUMBER_SENTINEL),
    lead: 0,
    sentinel: NUMBER_SENTINEL,
    tokenLength: NUMBER_LENGTH,
    decode: asIs,
    length: NUMBER_LENGTH,
    isOfBytes: false,
  });
}

function ofBytes(form: Form): Needle {
  const token = { sentinel: BYTES_SENTINEL, tokenLength: BYTES_LENGTH * 2 };
  return Object.freeze({ lead: 0, isOfBytes: true, ...token, ...form });
}

function textForms(): Form[] {
  const bytes = Buffer.from(SENTINEL);
  return [
    { encoding: "plain", anyCase: true, bytes, decode: asIs, length: CANARY_LENGTH },
    {
      encoding: "utf-16",
      anyCase: false,
      bytes: Buffer.from(SENTINEL, "utf16le"),
      decode: (encoded) => Buffer.from(encoded, "latin1").toString("utf16le"),
      length: CANARY_LENGTH * 2,
    },
    {
      encoding: "hex",
      anyCase: true,
      bytes: Buffer.from(bytes.toString("hex")),
      decode: (encoded) => Buffer.from(encoded, "hex").toString("latin1"),
      length: CANARY_LENGTH * 2,
    },
    ...[0, 1, 2].map(base64Form),
  ];
}

function byteForms(): Form[] {
  const bytes = Buffer.from(BYTES_SENTINEL, "hex");
  const asText = (encoded: string): string => Buffer.from(encoded, "latin1").toString("utf8");
  return [
    {
      encoding: "plain",
      anyCase: false,
      bytes,
      decode: (encoded) => Buffer.from(encoded, "latin1").toString("hex"),
      length: BYTES_LENGTH,
    },
    {
      encoding: "hex",
      anyCase: true,
      bytes: Buffer.from(BYTES_SENTINEL),
      decode: asIs,
      length: BYTES_LENGTH * 2,
    },
    {
      encoding: "plain",
      anyCase: true,
      bytes: Buffer.from(BYTES_SENTINEL.replaceAll(/../g, "%$&")),
      decode: (encoded) => encoded.replaceAll("%", ""),
      length: BYTES_LENGTH * 3,
    },
    {
      encoding: "plain",
      anyCase: false,
      bytes: Buffer.from(bytes.toString("latin1")),
      decode: (encoded) => Buffer.from(asText(encoded), "latin1").toString("hex"),
      length: BYTES_LENGTH * 2,
    },
    {
      encoding: "utf-16",
      anyCase: false,
      bytes: Buffer.from(bytes.toString("utf16le")),
      decode: (encoded) => Buffer.from(asText(encoded), "utf16le").toString("hex"),
      length: (BYTES_LENGTH / 2) * 3,
    },
  ];
}

function base64Form(shift: number): Form {
  const padded = Buffer.concat([Buffer.alloc(shift), Buffer.from(SENTINEL)]);
  const encoded = padded.toString("base64");
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return {
    encoding: "base64",
    anyCase: false,
    bytes: Buffer.from(encoded.slice(first, last)),
    lead: first,
    decode: (text) => Buffer.from(text, "base64").toString("latin1"),
    length: BASE64_LENGTH,
  };
}

function asIs(encoded: string): string {
  return encoded;
}
