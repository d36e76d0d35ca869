import type { Readable } from "node:stream";

/** The beginning of a stream that has ended. */
export interface ReadBeginning {
  readonly bytes: Buffer;
  /** Whether there was more. */
  readonly isCut: boolean;
}

/** Reads a stream to its end, or to where it was broken off, and keeps its beginning. Never rejects. */
export function readAtMost(stream: Readable, maxBytes: number): Promise<ReadBeginning> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    let isCut = false;
    stream.on("data", (chunk: Buffer) => {
      const part = chunk.subarray(0, maxBytes - kept);
      isCut ||= part.length < chunk.length;
      kept += part.length;
      if (part.length > 0) chunks.push(part);
    });
    const end = (): void => resolve({ bytes: Buffer.concat(chunks), isCut });
    stream.once("end", end);
    stream.once("error", end);
    stream.once("close", end);
  });
}
