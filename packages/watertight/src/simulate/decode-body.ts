import * as zlib from "node:zlib";

/** Undoes one coding of a body; what is cut off is undone as far as it came. */
type Decode = (bytes: Buffer) => Buffer;

/** Not in the types of Node 20, and not in every Node. */
interface WithZstd {
  readonly zstdDecompressSync?: Decode;
}

const partly = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const { zstdDecompressSync } = zlib as unknown as WithZstd;

const CODINGS: Readonly<Record<string, Decode>> = Object.freeze({
  gzip: (bytes: Buffer) => zlib.gunzipSync(bytes, partly),
  "x-gzip": (bytes: Buffer) => zlib.gunzipSync(bytes, partly),
  deflate: inflate,
  br: (bytes: Buffer) =>
    zlib.brotliDecompressSync(bytes, { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  identity: (bytes: Buffer) => bytes,
  ...(zstdDecompressSync === undefined ? {} : { zstd: zstdDecompressSync }),
});

/** The codings that a request may ask for, as `accept-encoding` has them; zstd where Node knows it. */
export const ACCEPTED_CODINGS: string = ["gzip", "deflate", "br", "zstd"]
  .filter((coding) => coding in CODINGS)
  .join(", ");

/**
 * Undoes the codings that `content-encoding` lists, the last first (RFC 9110, section 8.4). A body that is
 * not what it says, or in a coding that is not known, is answered as it is.
 */
export function decodeBody(bytes: Buffer, contentEncoding: string | undefined): Buffer {
  const codings = (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim());
  let decoded = bytes;
  for (const coding of codings.filter(Boolean).reverse()) {
    const decode = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
    if (decode === undefined || decoded.length === 0) return decoded;
    try {
      decoded = decode(decoded);
    } catch {
      return decoded;
    }
  }
  return decoded;
}

/** Servers disagree on whether `deflate` has a zlib header. */
function inflate(bytes: Buffer): Buffer {
  try {
    return zlib.inflateSync(bytes, partly);
  } catch {
    return zlib.inflateRawSync(bytes, partly);
  }
}
