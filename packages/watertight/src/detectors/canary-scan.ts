import type { CanaryBook, CanaryOwner } from "../canary.ts";
import type { CanaryEvidence } from "../finding.ts";
import type { Received } from "../received.ts";
import type { Needle } from "./needles.ts";

/** One canary found in one received piece. */
export interface CanaryHit {
  readonly received: Received;
  readonly owner: CanaryOwner;
  readonly token: string;
  readonly encoding: CanaryEvidence["encoding"];
  readonly offset: number;
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
    if (needle.isOfBytes && !book.hasBytes) continue;
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
