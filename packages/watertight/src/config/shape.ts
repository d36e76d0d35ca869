import { types } from "node:util";
import { ToolError } from "../errors.ts";
import { isRecord } from "../received.ts";

/** The keys of an object, and what each may take. */
export type Shape = Readonly<Record<string, Kind>>;

type Kind =
  | "string"
  | "positive"
  | "users"
  | "count"
  | "function"
  | "scenario"
  | "object"
  | "list"
  | "texts"
  | "name"
  | "port"
  | "true"
  | "line"
  | "ready"
  | "strings"
  | "boolean"
  | "text"
  | "answer"
  | "status"
  | "anything"
  | "ignore"
  | "url";

interface Type {
  readonly says: string;
  readonly is: (value: unknown) => boolean;
}

/** What a key may take: how to recognise it, and how to say it. */
const TYPES: Readonly<Record<Kind, Type>> = Object.freeze({
  string: { says: "a text", is: (value) => typeof value === "string" && value !== "" },
  positive: {
    says: "a number above 0",
    is: (value) => Number(value) > 0 && typeof value === "number" && Number.isFinite(value),
  },
  users: {
    says: "a whole number of at least 2",
    is: (value) => Number.isSafeInteger(value) && Number(value) >= 2,
  },
  count: {
    says: "a whole number of at least 1",
    is: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  function: { says: "a function", is: (value) => typeof value === "function" },
  scenario: {
    says: "a function, or an array of functions, the steps",
    is: (value) =>
      [value].flat().length > 0 && [value].flat().every((step) => typeof step === "function"),
  },
  object: { says: "an object", is: isRecord },
  list: { says: "an array", is: (value) => Array.isArray(value) },
  texts: {
    says: "an object of texts",
    is: (value) =>
      isRecord(value) && Object.values(value).every((text) => typeof text === "string"),
  },
  name: {
    says: "a name of letters, digits, _ and -",
    is: (value) => typeof value === "string" && /^[\w-]+$/.test(value),
  },
  port: {
    says: "a port from 1 to 65535",
    is: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536,
  },
  true: { says: "true", is: (value) => value === true },
  line: {
    says: "a text or an expression",
    is: (value) => types.isRegExp(value) || (typeof value === "string" && value !== ""),
  },
  ready: {
    says: "a path, { path }, { port: true } or { line }",
    is: (value) => (typeof value === "string" && value !== "") || isRecord(value),
  },
  strings: {
    says: "an array of strings",
    is: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  },
  boolean: { says: "true or false", is: (value) => typeof value === "boolean" },
  text: { says: "a text", is: (value) => typeof value === "string" },
  answer: {
    says: "an object, or a function of a request",
    is: (value) => isRecord(value) || typeof value === "function",
  },
  status: {
    says: "a status from 200 to 599",
    is: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) < 600,
  },
  anything: { says: "anything", is: () => true },
  ignore: { says: '"ignore"', is: (value) => value === "ignore" },
  url: {
    says: "an address such as http://127.0.0.1:3000",
    is: (value) =>
      typeof value === "string" &&
      /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ""),
  },
});

/**
 * Checks the keys of an object of a config and what they hold. Throws WT_CONFIG_INVALID that names the key,
 * what was expected there, and the nearest key that exists.
 */
export function checkObject(
  value: unknown,
  shape: Shape,
  place: string,
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    throw invalid(`\`${place}\` to be an object`, describe(value), "see docs/configuration.md");
  }
  for (const [key, entry] of Object.entries(value)) {
    const type = shape[key];
    if (type === undefined) throw unknownKey(key, shape, place);
    if (entry !== undefined && !TYPES[type].is(entry)) {
      const wanted = `\`${place}.${key}\` to be ${TYPES[type].says}`;
      throw invalid(wanted, describe(entry), "correct the config");
    }
  }
  return value;
}

function unknownKey(key: string, shape: Shape, place: string): ToolError {
  const known = Object.keys(shape);
  const near = known.find((candidate) => distance(candidate.toLowerCase(), key.toLowerCase()) <= 2);
  return invalid(
    `\`${place}\` to have only the keys ${known.join(", ")}`,
    `\`${key}\``,
    near === undefined ? "remove it" : `did you mean \`${near}\`?`,
  );
}

/** The error of a config: `expected` what, `found` what, and what to do. */
export function invalid(expected: string, found: string, advice: string): ToolError {
  return new ToolError("WT_CONFIG_INVALID", `Expected ${expected}, got ${found}: ${advice}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isRecord(value)) return "an object";
  return typeof value === "function" ? "a function" : `${JSON.stringify(value)} (${typeof value})`;
}

/** Levenshtein's distance: how many letters to insert, remove or change. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const change = from[line - 1] === to[column - 1] ? 0 : 1;
      const substituted = (row[column - 1] ?? 0) + change;
      next.push(Math.min(substituted, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
