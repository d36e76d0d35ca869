import type { IncomingMessage } from "node:http";
import { describeRequest } from "../received.ts";
import type { SinkRequest } from "./answer.ts";
import { decodeBody } from "../internal/decode-body.ts";
import { readAtMost } from "./read-at-most.ts";
import { MAX_MESSAGE_BYTES, type SinkLog } from "./sink-log.ts";

/**
 * Reads a request to its end, records head and decompressed body, and answers what it was. A body that can't
 * be decompressed is recorded as it came. Whom a request is for, its authorization says, or else its first canary.
 */
export async function recordRequest(request: IncomingMessage, log: SinkLog): Promise<SinkRequest> {
  const { method = "GET", url: path = "/", headers } = request;
  const { bytes, isCut } = await readAtMost(request, MAX_MESSAGE_BYTES);
  const body = decodeBody(bytes, headers["content-encoding"] ?? "", MAX_MESSAGE_BYTES) ?? bytes;
  const all = Buffer.concat([headOf(request, method, path), body]);
  if (isCut) log.noteCut();
  log.record({
    what: describeRequest(method, addressOf(path)),
    bytes: all,
    addressee: [Buffer.from(headers.authorization ?? ""), all],
  });
  const text = body.toString("utf8");
  return {
    method,
    path,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]),
    ),
    text,
    json: (): unknown => JSON.parse(text),
  };
}

/** What stands in a request line may be no address at all. */
function addressOf(path: string): URL {
  const address = URL.canParse(path, "http://sink") ? path : "/";
  return new URL(address, "http://sink");
}

/** As it stood on the line. */
function headOf({ rawHeaders }: IncomingMessage, method: string, path: string): Buffer {
  const lines = [`${method} ${path}`];
  for (let place = 0; place < rawHeaders.length; place += 2) {
    lines.push(`${rawHeaders[place]}: ${rawHeaders[place + 1]}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
