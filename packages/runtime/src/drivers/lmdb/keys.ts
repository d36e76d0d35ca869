import { createHash } from "node:crypto";

/** Bytes of a log's number within the store, and of a record's number within a log. */
const NUMBER_BYTES = 6;

/** The key of a user: of one length, however long the ids; nobody can find two users of the same one. */
export function userKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** The key of a place in the log of that number; keys of one log lie together, in the order of `seq`. */
export function placeKey(logId: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(2 * NUMBER_BYTES);
  key.writeUIntBE(logId, 0, NUMBER_BYTES);
  key.writeUIntBE(seq, NUMBER_BYTES, NUMBER_BYTES);
  return key;
}

/** What a key of {@link placeKey} was made of. */
export function readPlaceKey(key: Buffer): { readonly logId: number; readonly seq: number } {
  return {
    logId: key.readUIntBE(0, NUMBER_BYTES),
    seq: key.readUIntBE(NUMBER_BYTES, NUMBER_BYTES),
  };
}
