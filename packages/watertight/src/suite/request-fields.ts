import { canaryPattern } from "../canary.ts";
import { isRecord } from "../received.ts";
import type { SentRequest } from "../simulate/user-http.ts";

/** Where in a request named values stand. */
export type FieldPlace = "header" | "query" | "json" | "form";

/** A named value of a request that holds a secret of its user. */
export interface Field {
  readonly place: FieldPlace;
  readonly name: string;
  readonly value: string;
}

/** A request as `user.fetch` takes it. */
export interface RepeatedRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const FORM = "application/x-www-form-urlencoded";

/** The named values of a request in which its user said a secret, in the order in which they stand. */
export function secretFields(request: SentRequest): readonly Field[] {
  const { headers } = request;
  const list = (place: FieldPlace, entries: Iterable<readonly [string, unknown]>): Field[] =>
    [...entries].flatMap(([name, value]) =>
      typeof value === "string" && canaryPattern().test(value) ? [{ place, name, value }] : [],
    );
  return [
    ...list("header", Object.entries(headers)),
    ...list("query", queryOf(request)),
    ...list("json", Object.entries(jsonOf(request) ?? {})),
    ...list("form", formOf(request) ?? []),
  ];
}

/** The same request with other values in some fields of one place; without those that are `undefined`. */
export function withFields(
  request: SentRequest,
  place: FieldPlace,
  changes: Readonly<Record<string, string | undefined>>,
): RepeatedRequest {
  const { method, path, headers, body } = request;
  const same = { method, path, headers, ...(body === undefined ? {} : { body }) };
  if (place === "header") return { ...same, headers: changed(headers, changes) };
  if (place === "json") {
    return { ...same, body: Buffer.from(JSON.stringify(changed(jsonOf(request) ?? {}, changes))) };
  }
  const text = new URLSearchParams(
    changed(
      Object.fromEntries((place === "query" ? queryOf(request) : formOf(request)) ?? []),
      changes,
    ),
  ).toString();
  if (place === "form") return { ...same, body: Buffer.from(text) };
  return { ...same, path: `${path.split("?")[0]}?${text}` };
}

/** The same request with bytes in the place of every secret: percent-encoded in addresses and forms. */
export function inBytes(request: SentRequest, secret: Buffer): RepeatedRequest {
  const { method, path, headers, body } = request;
  const raw = secret.toString("latin1");
  const encoded = secret.toString("hex").replaceAll(/../g, "%$&");
  const replace = (text: string, by: string): string => text.replaceAll(canaryPattern(), () => by);
  const said = Object.entries(headers).map(([name, value]) => [name, replace(value, raw)] as const);
  const inBody = formOf(request) === undefined ? raw : encoded;
  return {
    method,
    path: replace(path, encoded),
    headers: Object.fromEntries(said),
    ...(body === undefined
      ? {}
      : { body: Buffer.from(replace(body.toString("latin1"), inBody), "latin1") }),
  };
}

/** Says whether a request says any secret of its user. */
export function saysSecret({ path, headers, body }: SentRequest): boolean {
  const texts = [path, ...Object.values(headers), body?.toString("latin1") ?? ""];
  return texts.some((text) => canaryPattern().test(text));
}

function changed<T>(
  values: Readonly<Record<string, T>>,
  changes: Readonly<Record<string, string | undefined>>,
): Record<string, T> {
  const entries = Object.entries({ ...values, ...changes } as Record<string, T | undefined>);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
    string,
    T
  >;
}

function queryOf({ path }: SentRequest): URLSearchParams {
  return new URL(path, "http://any").searchParams;
}

function jsonOf({ headers, body }: SentRequest): Readonly<Record<string, unknown>> | undefined {
  if (body === undefined || !/\bjson\b/.test(headers["content-type"] ?? "")) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function formOf({ headers, body }: SentRequest): URLSearchParams | undefined {
  const isForm = (headers["content-type"] ?? "").startsWith(FORM);
  return body !== undefined && isForm ? new URLSearchParams(body.toString("utf8")) : undefined;
}
