import { createHmac } from "node:crypto";
import type { Random } from "../chaos/random.ts";

/** What the server under attack trusts. */
export const SECRET = "the secret of the fuzzing, which everybody knows";

const LONG_AGO = 1_000_000_000;

/** A token of HS256. */
export function signToken(userId: unknown, claims: object = {}, secret: string = SECRET): string {
  return sign({ alg: "HS256" }, { sub: userId, ...claims }, secret);
}

/** An `Authorization` header: mostly a good one of a user, else one of the many wrong ones. */
export function authorization(random: Random, userId: string): string {
  if (random.chance(0.85)) return `Bearer ${signToken(userId)}`;
  return random.pick([
    "",
    "Bearer",
    "Bearer ..",
    "Basic dXNlcjpwYXNz",
    `Bearer ${signToken("witness-1", {}, "another secret that is long enough to be one")}`,
    `Bearer ${sign({ alg: "none" }, { sub: "witness-1" }, "").replace(/[^.]*$/, "")}`,
    `Bearer ${sign({ alg: "HS512" }, { sub: "witness-1" }, SECRET)}`,
    `Bearer ${signToken(userId, { exp: LONG_AGO })}`,
    `Bearer ${signToken(userId, { exp: "soon" })}`,
    `Bearer ${signToken(userId, { nbf: 1e300 })}`,
    `Bearer ${signToken("\u0000")}`,
    `Bearer ${signToken("__proto__")}`,
    `Bearer ${signToken("x".repeat(300))}`,
    `Bearer ${signToken(["witness-1"])}`,
    `Bearer ${signToken(userId, { tenant: { toString: "witness" } })}`,
  ]);
}

function sign(header: object, claims: object, secret: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}
