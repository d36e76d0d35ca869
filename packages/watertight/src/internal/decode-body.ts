import * as zlib from "node:zlib";

/** Not in the types of Node 20, and not in every Node. */
interface WithZstd {
  readonly zstdDecompressSync?: (bytes: Buffer, options: object) => Buffer;
}

/** The codings that are known here, as `accept-encoding` has them; zstd where Node knows it. */
export function knownCodings(): string {
  const isNew = (zlib as WithZstd).zstdDecompressSync !== undefined;
  return `gzip, deflate, br${isNew ? ", zstd" : ""}`;
}

/**
 * Undoes the codings that `content-encoding` lists, the last first (RFC 9110, section 8.4); what was cut off, as
 * far as it came. `undefined` if one is not known, the body is not what it says, or more than
 * `maxBytes` would come out.
 */
export function decodeBody(
  bytes: Buffer,
  contentEncoding: string,
  maxBytes: number,
): Buffer | undefined {
  const codings = contentEncoding.toLowerCase().split(",");
  const names = codings
    .map((coding) => coding.trim())
    .filter((name) => !/^(identity)?$/.test(name));
  let decoded = bytes;
  for (const name of names.reverse()) {
    if (decoded.length === 0) return decoded;
    try {
      const next = undo(name, decoded, maxBytes);
      if (next === undefined) return undefined;
      decoded = next;
    } catch {
      return undefined;
    }
  }
  return decoded;
}

function undo(coding: string, bytes: Buffer, maxOutputLength: number): Buffer | undefined {
  const partly = { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength };
  if (coding === "gzip" || coding === "x-gzip") return zlib.gunzipSync(bytes, partly);
  if (coding === "deflate") return inflate(bytes, partly);
  if (coding === "br") {
    const { BROTLI_OPERATION_FLUSH: finishFlush } = zlib.constants;
    return zlib.brotliDecompressSync(bytes, { finishFlush, maxOutputLength });
  }
  const { zstdDecompressSync } = zlib as WithZstd;
  return coding === "zstd" ? zstdDecompressSync?.(bytes, { maxOutputLength }) : undefined;
}

/** Servers disagree on whether `deflate` has a zlib header. */
function inflate(bytes: Buffer, options: zlib.ZlibOptions): Buffer {
  try {
    return zlib.inflateSync(bytes, options);
  } catch {
    return zlib.inflateRawSync(bytes, options);
  }
}
