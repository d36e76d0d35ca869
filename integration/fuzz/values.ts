import type { Random } from "../chaos/random.ts";

/** JSON as text, so that it can say what no value can: 1e999, a key twice, half a surrogate. */
export type Json = string;

const NASTY_TEXTS: readonly Json[] = Object.freeze([
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u202e\\u2066right to left"',
  '"\\r\\n\\r\\ndata: injected\\n\\n"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"../../etc/passwd"',
  '"\u2028\u2029\ufeff"',
  '"${7*7}{{7*7}}"',
  `"${"x".repeat(257)}"`,
  `"${"\\u0041".repeat(300)}"`,
]);
const NASTY_NUMBERS: readonly Json[] = Object.freeze([
  "-0",
  "1e999",
  "-1e999",
  "1e-400",
  "9007199254740993",
  "123456789012345678901234567890",
  "0.1",
  "NaN",
]);
const NASTY_KEYS: readonly string[] = Object.freeze([
  "__proto__",
  "constructor",
  "prototype",
  "toJSON",
  "then",
  "length",
  "hasOwnProperty",
  "type",
  "metadata",
]);

/** A JSON text. */
export function text(random: Random): Json {
  if (random.chance(0.3)) return random.pick(NASTY_TEXTS);
  return JSON.stringify(words(random, random.between(0, 8)));
}

/** Any JSON value; most are small. */
export function anything(random: Random, depth = 0): Json {
  const kind = random.below(depth > 4 ? 5 : 9);
  if (kind === 0) return random.pick(["null", "true", "false"]);
  if (kind === 1) return random.chance(0.5) ? random.pick(NASTY_NUMBERS) : String(random.below(99));
  if (kind <= 4) return text(random);
  if (kind === 5) return many(random, () => anything(random, depth + 1));
  if (kind === 6 && random.chance(0.15)) return deep(random);
  return object(many0(random, 4, () => [key(random), anything(random, depth + 1)] as const));
}

/** A value within a value within a value: what walks it by recursion breaks. */
export function deep(random: Random): Json {
  const levels = random.pick([50, 1000, 20_000, 100_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"__proto__":', "}"],
    ['[{"state":', "}]"],
  ] as const);
  return `${open.repeat(levels)}null${close.repeat(levels)}`;
}

/** An object of these members; a name may come twice. */
export function object(members: Iterable<readonly [name: string, value: Json | undefined]>): Json {
  const written = [...members].flatMap(([name, value]) =>
    value === undefined ? [] : [`${JSON.stringify(name)}:${value}`],
  );
  return `{${written.join(",")}}`;
}

/** A list of up to three. */
export function many(random: Random, make: () => Json): Json {
  return `[${many0(random, 3, make).join(",")}]`;
}

/** Words that mean nothing. */
export function words(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(1e6).toString(36)).join(" ");
}

function many0<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.between(0, most) }, make);
}

function key(random: Random): string {
  return random.chance(0.3) ? random.pick(NASTY_KEYS) : random.below(1e4).toString(36);
}
