/** What `user.fetch` takes as a body; one of them. */
export interface BodyOptions {
  readonly body?: string | Uint8Array | URLSearchParams | FormData;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form, `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
}

/** A body as it goes on the wire. */
export interface EncodedBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

/** Encodes a body; `undefined` if there is none. Throws a TypeError when more than one is given. */
export async function encodeBody(options: BodyOptions): Promise<EncodedBody | undefined> {
  const given = (["body", "json", "form"] as const).filter((key) => options[key] !== undefined);
  if (given.length > 1) {
    throw new TypeError(`Expected one of body, json and form, got ${given.join(" and ")}`);
  }
  const { body, json, form } = options;
  if (json !== undefined) {
    return { bytes: Buffer.from(JSON.stringify(json)), contentType: "application/json" };
  }
  if (body instanceof Uint8Array) return { bytes: Buffer.from(body), contentType: undefined };
  const content = form === undefined ? body : new URLSearchParams(form);
  if (content === undefined) return undefined;
  if (typeof content === "string") return { bytes: Buffer.from(content), contentType: undefined };
  // The platform knows how to write a form with its boundary.
  const encoded = new Response(content);
  const contentType = encoded.headers.get("content-type") ?? undefined;
  return { bytes: Buffer.from(await encoded.arrayBuffer()), contentType };
}
