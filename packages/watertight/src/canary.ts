import { randomBytes, randomInt } from "node:crypto";

/** The constant start of every canary: one needle finds them all, in any text or buffer. */
export const SENTINEL = "wtcanary";

/**
 * What a canary is dressed in. `delimiters`: the characters that keys, headers, lists and queries are glued
 * with; `unicode`: letters of two, three and four bytes; `long`: 4 KB; `number`: digits alone.
 */
export type CanaryShape = "token" | "delimiters" | "unicode" | "long" | "number";

const LONG = 4096;

/** A dress, or bytes, which no text can hold. */
export type CanaryKind = CanaryShape | "bytes";

/** Dresses a canary; it can be found in what comes out, and nothing of the dress belongs to anybody. */
export function shapeCanary(token: string, shape: CanaryShape): string {
  if (shape === "delimiters") return `${token}:=,&;" |'/`;
  if (shape === "unicode") return `é${token}ﬀ\u{1F6B0}`;
  return shape === "long" ? token.padEnd(LONG, " x") : token;
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 24;

/** The same for canaries that are numbers: with eleven more digits they stay below 2 ** 53. */
export const NUMBER_SENTINEL = "74219";
const NUMBER_DIGITS = 11;
export const NUMBER_LENGTH: number = NUMBER_SENTINEL.length + NUMBER_DIGITS;

/**
 * The same for canaries that are bytes: each of 0x80 to 0xbf, of which none begins a character of UTF-8, so
 * that a careless decoder makes the same text of all of them. Known by their hexadecimal digits.
 */
export const BYTES_SENTINEL = "9ab78ea593bc";
const SECRET_BYTES = 24;
/** Bytes of such a canary. */
export const BYTES_LENGTH: number = BYTES_SENTINEL.length / 2 + SECRET_BYTES;

/** Characters of a whole canary: the sentinel and 24 random letters and digits (142 bits). */
export const CANARY_LENGTH: number = SENTINEL.length + SECRET_LENGTH;

/** Matches every whole canary in a text. A fresh expression each time: `lastIndex` is state. */
export function canaryPattern(): RegExp {
  return new RegExp(
    `(?:${SENTINEL}[0-9A-Za-z]{${SECRET_LENGTH}}|${NUMBER_SENTINEL}[0-9]{${NUMBER_DIGITS}})`,
    "g",
  );
}

/** Whose canary it is, by user number, and what it was made for. */
export interface CanaryOwner {
  readonly user: number;
  readonly label: string;
}

/**
 * Mints canaries and remembers whose they are. A canary is letters and digits only, so it survives
 * JSON, URL and HTML encoding unchanged, and nobody can guess one. It is known in any case: servers
 * like to write names and addresses in small letters.
 */
export class CanaryBook {
  readonly #minted = new Map<string, { readonly token: string; readonly owner: CanaryOwner }>();

  #hasBytes = false;

  /** Says whether any canary is made of bytes; most runs have none, and need not look for them. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /** Mints a canary that belongs to `user` alone: a text, 16 digits, or bytes in hexadecimal digits. */
  mint(user: number, label: string, kind: CanaryKind = "token"): string {
    this.#hasBytes ||= kind === "bytes";
    const token = secretOf(kind);
    this.#minted.set(token.toLowerCase(), { token, owner: Object.freeze({ user, label }) });
    return token;
  }

  /** Says whose canary `token` is; `undefined` for one that this run never minted. */
  ownerOf(token: string): CanaryOwner | undefined {
    return this.#minted.get(token.toLowerCase())?.owner;
  }

  /** The token as it was minted, whatever has become of its capital letters since. */
  asMinted(token: string): string | undefined {
    return this.#minted.get(token.toLowerCase())?.token;
  }
}

function secretOf(kind: CanaryKind): string {
  if (kind === "number") return NUMBER_SENTINEL + digits();
  if (kind !== "bytes") return SENTINEL + secret();
  const bytes = Buffer.from(randomBytes(SECRET_BYTES).map((byte) => 0x80 + (byte % 0x40)));
  return BYTES_SENTINEL + bytes.toString("hex");
}

/** Bytes of 248 and above are thrown away, so that every letter is equally likely. */
function secret(): string {
  const fair = Math.floor(256 / ALPHABET.length) * ALPHABET.length;
  let text = "";
  while (text.length < SECRET_LENGTH) {
    for (const byte of randomBytes(SECRET_LENGTH * 2)) {
      if (byte < fair && text.length < SECRET_LENGTH) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

function digits(): string {
  return Array.from({ length: NUMBER_DIGITS }, () => randomInt(10)).join("");
}
