import type { Random } from "../chaos/random.ts";
import { runInput, type World } from "./grammar.ts";
import type { FuzzInput, Step } from "./input.ts";
import { mutate } from "./mutate.ts";
import { EXPORTED } from "./oracle.ts";
import { authorization } from "./tokens.ts";
import { anything } from "./values.ts";

const METHODS: readonly string[] = Object.freeze([
  "GET",
  "POST",
  "DELETE",
  "OPTIONS",
  "HEAD",
  "PUT",
  "PATCH",
  "TRACE",
  "CONNECT",
  "PROPFIND",
  "get",
]);
const ODD_PARTS: readonly string[] = Object.freeze([
  "%",
  "%zz",
  "%00",
  "%2f",
  "%2e%2e",
  "%c3%28",
  "%ed%a0%80",
  "..",
  ".",
  "",
  ";x=1",
  "__proto__",
  "constructor",
  "a".repeat(5000),
]);

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** One connection with one request on it, or several in a row without waiting for an answer. */
export function requestInput(random: Random, world: World, userId: string): FuzzInput {
  if (random.chance(0.05)) return hurriedInput(random, userId);
  const count = random.chance(0.15) ? random.between(2, 8) : 1;
  const requests = Array.from({ length: count }, () => request(random, world, userId));
  const whole = Buffer.concat(requests.map((made) => encode(made, random)));
  const isTorn = random.chance(0.2);
  const bytes = isTorn ? mutate(whole, random) : whole;
  const kind = count > 1 ? "pipeline" : (requests[0]?.target.split(/[/?]/)[1] ?? "request");
  return {
    kind: `http ${/^[a-z]{1,12}$/.test(kind) ? kind : "odd path"}${isTorn ? " torn" : ""}`,
    userId,
    steps: inPieces(bytes, random),
    ending: random.pick(["end", "end", "destroy", "reset"]),
    lingerMs: random.chance(0.2) ? random.pick([0, 600]) : random.between(5, 100),
  };
}

/**
 * Several small bodies in a row, and the client has left before any is read: all are parsed in one go,
 * and what is answered first fails while others are still being handed on.
 */
function hurriedInput(random: Random, userId: string): FuzzInput {
  const body = Buffer.alloc(10, "[");
  const made = Array.from({ length: random.between(3, 8) }, () => {
    const target = random.pick(["/healthz", "/nowhere", "/tickets", "/agui/nobody"]);
    const token = `Authorization: ${authorization(random, userId)}`;
    const headers = [...(random.chance(0.8) ? ["Host: localhost"] : []), token];
    return encode({ method: "POST", target, headers, body }, random);
  });
  const steps = [{ bytes: Buffer.concat(made), pauseMs: 0 }];
  return { kind: "http pipeline hurried", userId, steps, ending: "reset", lingerMs: 0 };
}

function request(random: Random, world: World, userId: string): Request {
  const [method, target] = place(random, world);
  const hasBody = method === "POST" || random.chance(0.05);
  const body = hasBody ? bodyOf(random, world) : Buffer.alloc(0);
  const positions = [...world.positions, "oldest", "a.1.b", "", "\u00ff"];
  const headers = [
    random.chance(0.98) ? "Host: localhost" : "",
    `Authorization: ${authorization(random, userId)}`,
    hasBody ? `Content-Type: ${contentType(random)}` : "",
    random.chance(0.2) ? `Last-Event-ID: ${random.pick(positions)}` : "",
    random.chance(0.1) ? "Origin: http://evil.example" : "",
    target.startsWith("/admin") && random.chance(0.5) ? "X-Operator: yes" : "",
    random.chance(0.05) ? "Expect: 100-continue" : "",
    random.chance(0.05) ? "Expect: something else" : "",
    random.chance(0.03) ? `X-Long: ${"x".repeat(random.pick([100, 9000, 70_000]))}` : "",
    random.chance(0.03) ? "Content-Encoding: gzip" : "",
    random.chance(0.03) ? "Upgrade: websocket\r\nConnection: Upgrade" : "",
    random.chance(0.3) ? "Connection: close" : "",
  ].filter((header) => header !== "");
  const usual = random.chance(0.95) ? method : random.pick(METHODS);
  return { method: usual, target, headers, body };
}

function place(random: Random, world: World): [method: string, target: string] {
  const agent = part(random, [...world.agents, "nobody"]);
  const runId = part(random, world.runIds);
  const userId = part(random, ["witness-1", EXPORTED]);
  const [method, path] = random.pick([
    ["POST", `/agui/${agent}`],
    ["POST", `/agui/${agent}`],
    ["POST", `/agui/${agent}`],
    ["GET", "/events"],
    ["GET", `/runs/${runId}/events`],
    ["POST", `/runs/${runId}/cancel`],
    ["POST", "/tickets"],
    ["GET", "/alarms"],
    ["GET", "/healthz"],
    ["GET", "/readyz"],
    ["GET", "/metrics"],
    ["GET", "/ws"],
    ["GET", `/admin/users/default/${userId}`],
    ["DELETE", `/admin/users/default/${userId}`],
    ["POST", `/admin/users/default/${userId}/drain`],
    ["GET", `/admin/users/default/${userId}/export`],
    ["GET", `/${part(random, ["x"])}/${part(random, ["y"])}`],
  ] as const);
  const query = random.chance(0.35) ? `?${queryOf(random, world)}` : "";
  const prefix = random.chance(0.04) ? random.pick(["http://evil.example", "//", "*", "\\"]) : "";
  return [method, `${prefix}${path}${query}`];
}

function part(random: Random, known: readonly string[]): string {
  return random.chance(0.85) ? encodeURIComponent(random.pick(known)) : random.pick(ODD_PARTS);
}

function queryOf(random: Random, world: World): string {
  const position = encodeURIComponent(random.pick([...world.positions, "oldest", "a.1.b"]));
  const session = encodeURIComponent(random.pick([...world.sessions, "x"]));
  return random.pick([
    `after=${position}`,
    `session=${session}`,
    `after=${position}&session=${session}`,
    "ticket=x",
    "ticket=&ticket=",
    "after=%",
    "after[]=oldest",
    `x=${"y".repeat(7000)}`,
  ]);
}

function bodyOf(random: Random, world: World): Buffer {
  const kind = random.below(20);
  if (kind < 12) return Buffer.from(runInput(random, world));
  if (kind < 15) return mutate(Buffer.from(runInput(random, world)), random);
  if (kind < 18) return Buffer.from(anything(random));
  if (kind === 18) return Buffer.alloc(random.pick([1024 * 1024, 1024 * 1024 + 1, 3_000_000]), "[");
  return Buffer.alloc(0);
}

function contentType(random: Random): string {
  if (random.chance(0.92)) return "application/json";
  return random.pick(["text/plain", "", "application/json; charset=utf-16", "multipart/form-data"]);
}

function encode({ method, target, headers, body }: Request, random: Random): Buffer {
  const isChunked = body.length > 0 && random.chance(0.15);
  const length = random.chance(0.97) ? body.length : random.pick([0, body.length + 50, -1, 1e15]);
  const framing = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  const hasBody = body.length > 0 || method === "POST";
  const lines = [`${method} ${target} HTTP/1.1`, ...headers, ...(hasBody ? [framing] : [])];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (!isChunked) return Buffer.concat([head, body]);
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  return Buffer.concat([head, size, body, Buffer.from("\r\n0\r\n\r\n")]);
}

/** All in one go, or slowly, or with the head alone first. */
function inPieces(bytes: Buffer, random: Random): Step[] {
  if (random.chance(0.7)) return [{ bytes, pauseMs: 0 }];
  const cut = random.below(bytes.length + 1);
  return [
    { bytes: bytes.subarray(0, cut), pauseMs: 0 },
    { bytes: bytes.subarray(cut), pauseMs: random.between(1, 120) },
  ];
}
