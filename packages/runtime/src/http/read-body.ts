import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

/** How large a body may be and how long it may take to come. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads the body of a request as JSON; what a framework has read already is taken over. Throws
 * {@link HttpRefusal}: CONTENT_TYPE_REFUSED, BODY_TOO_LARGE as soon as that is known, BODY_TOO_SLOW,
 * or INPUT_INVALID.
 */
export async function readJson(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = request.headers;
  if (!JSON_TYPE.test(type) || encoding !== "identity") {
    throw new HttpRefusal(
      "CONTENT_TYPE_REFUSED",
      "Expected a body with the content type application/json and no content encoding.",
    );
  }
  const { body } = request as { readonly body?: unknown };
  const isTaken = request.readableEnded && body !== undefined;
  if (isTaken && !Buffer.isBuffer(body) && typeof body !== "string") return body;
  const bytes = isTaken ? Buffer.from(body as string) : await readBytes(request, limits);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new HttpRefusal("INPUT_INVALID", "Expected a body that is JSON in UTF-8.");
  }
}

/** Nothing is kept of a body once it is refused, but it is the answer that ends the connection. */
function readBytes(request: IncomingMessage, { maxBytes, timeoutMs }: BodyLimits): Promise<Buffer> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes));
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const settle = (refusal?: HttpRefusal): void => {
      clearTimeout(timer);
      request.off("data", take).off("end", end).off("close", leave);
      if (refusal === undefined) resolve(Buffer.concat(chunks));
      else reject(refusal);
      chunks.length = 0;
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const end = (): void => settle();
    const leave = (): void => settle(new HttpRefusal("INPUT_INVALID", "Expected a whole body."));
    const timer = setTimeout(() => settle(tooSlow(timeoutMs)), timeoutMs);
    request.on("data", take).once("end", end).once("close", leave);
    // A request that breaks off says so by closing.
    request.on("error", () => {});
  });
}

function tooLarge(maxBytes: number): HttpRefusal {
  return new HttpRefusal("BODY_TOO_LARGE", `Expected a body of at most ${maxBytes} bytes.`);
}

function tooSlow(timeoutMs: number): HttpRefusal {
  const message = `Expected the whole body within ${timeoutMs} ms.`;
  return new HttpRefusal("BODY_TOO_SLOW", message);
}
