import { redactSecrets } from "./redact.ts";
import type { SecretKeys } from "./redact-keys.ts";
import { REDACTED } from "./redact-text.ts";

/** Keywords of JSON Schema whose keys are names, each with a schema. */
const NAMED: readonly string[] = Object.freeze([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);
/** Keywords that hold a schema or a list of them. */
const NESTED: readonly string[] = Object.freeze([
  "items",
  "prefixItems",
  "contains",
  "additionalProperties",
  "propertyNames",
  "not",
  "anyOf",
  "oneOf",
  "allOf",
  "if",
  "then",
  "else",
]);
/** Keywords that say what a value must be like, never what it is. */
const RULES: readonly string[] = Object.freeze(
  (
    "type format title description pattern required nullable readOnly writeOnly deprecated $ref " +
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength " +
    "minItems maxItems uniqueItems minProperties maxProperties contentEncoding contentMediaType"
  ).split(" "),
);
const MAX_DEPTH = 100;

/**
 * Redacts a JSON Schema, plain data: a property may be named like a secret, as its schema tells what
 * the secret must be like. What would tell the secret itself (`default`, `const`, `enum`,
 * `examples`, and keywords that are not known) is `[redacted]` within such a property.
 */
export function redactSchema(schema: unknown, keys: SecretKeys): unknown {
  return new SchemaRedactor(keys).schema(schema, false, 0);
}

/** Where in a field of an event schemas are: in each item of a list. */
export interface SchemaPlace {
  readonly list: string;
  readonly schema: string;
}

/**
 * Redacts a value that holds schemas at `place`: those as schemas, all else as any value. Answers
 * `value` itself if there is no secret in it. Throws what `JSON.stringify` throws.
 */
export function redactAround(value: unknown, place: SchemaPlace, keys: SecretKeys): unknown {
  const json = JSON.stringify(value) as string | undefined;
  const plain: unknown = json === undefined ? undefined : JSON.parse(json);
  const items = isRecord(plain) ? plain[place.list] : undefined;
  if (!isRecord(plain) || !Array.isArray(items)) return redactSecrets(value, keys);
  const redacted = items.map((item: unknown) => redactItem(item, place.schema, keys));
  // The list is done already, and would lose its schemas if it were looked at again.
  const rest = redactSecrets({ ...plain, [place.list]: [] }, keys);
  const whole = { ...(rest as object), [place.list]: redacted };
  return JSON.stringify(whole) === JSON.stringify(plain) ? value : whole;
}

function redactItem(item: unknown, field: string, keys: SecretKeys): unknown {
  if (!isRecord(item) || !Object.hasOwn(item, field)) return redactSecrets(item, keys);
  const rest = redactSecrets({ ...item, [field]: null }, keys);
  return { ...(rest as object), [field]: redactSchema(item[field], keys) };
}

class SchemaRedactor {
  readonly #keys: SecretKeys;

  constructor(keys: SecretKeys) {
    this.#keys = keys;
  }

  schema(schema: unknown, isSecret: boolean, depth: number): unknown {
    if (typeof schema === "boolean") return schema;
    const isLeaf = typeof schema !== "object" || schema === null || depth > MAX_DEPTH;
    if (isLeaf) return isSecret ? hidden(schema) : redactSecrets(schema, this.#keys);
    if (Array.isArray(schema)) return schema.map((one) => this.schema(one, isSecret, depth + 1));
    const entries = Object.entries(schema).map(([keyword, value]) => {
      return [keyword, this.#keyword(keyword, value, { isSecret, depth })] as const;
    });
    return Object.fromEntries(entries);
  }

  #keyword(keyword: string, value: unknown, at: { isSecret: boolean; depth: number }): unknown {
    const depth = at.depth + 1;
    if (NAMED.includes(keyword) && isRecord(value)) {
      const named = Object.entries(value).map(([name, schema]) => {
        return [name, this.schema(schema, at.isSecret || this.#keys.has(name), depth)] as const;
      });
      return Object.fromEntries(named);
    }
    if (NESTED.includes(keyword)) return this.schema(value, at.isSecret, depth);
    if (this.#keys.has(keyword)) return hidden(value);
    if (!at.isSecret) return redactSecrets(value, this.#keys);
    return RULES.includes(keyword) && isRule(value) ? value : hidden(value);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRule(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one === "string");
  return typeof value !== "object";
}

/** A list stays a list, or the schema would be none. */
function hidden(value: unknown): unknown {
  return Array.isArray(value) ? [REDACTED] : REDACTED;
}
