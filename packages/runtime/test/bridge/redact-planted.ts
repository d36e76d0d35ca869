import fc from "fast-check";

/** JSON as a tree, with secrets planted under the keys of secrets and nowhere else. */
export type Tree =
  | { readonly kind: "scalar"; readonly json: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | { readonly kind: "object"; readonly entries: readonly Entry[] }
  /** A text that is JSON itself. */
  | { readonly kind: "json"; readonly tree: Tree };

interface Entry {
  readonly key: string;
  readonly isSecret: boolean;
  readonly value: Tree;
}

/** One UTF-16 unit of a text, and what a redactor must let out for it. */
interface Unit {
  readonly unit: string;
  readonly out: string;
}

/** Secrets are Greek, or numbers of many sevens; nothing else is, so one character of them is a leak. */
export const LEAK: RegExp = /[\u03b1-\u03c9]|u03[bc]|777/i;

const secretKey = fc
  .constantFrom("password", "apikey", "x-api-key", "set-cookie", "token", "client_secret")
  .chain((key) =>
    fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 5 })
      .map((how) => disguised(key, how)),
  );
const plainKey = fc.constantFrom(
  "keyboard",
  "tokens",
  "passwordHint",
  "name",
  "0",
  "__proto__",
  "",
  "pass word",
  "tok\\en",
);
/** Any UTF-16 unit, also half of a pair. */
export const anyUnit: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0x7f }))
  .map((unit) => String.fromCharCode(unit));
/** Any unit that is no leak, however it is escaped, and begins no JSON. */
const plainUnit = anyUnit.map((unit) => {
  const isLeak = LEAK.test(`${unit}u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return isLeak || /["[{7\s\ufeff]/.test(unit) ? "." : unit;
});
const plainText = fc.oneof(
  fc.string({ unit: plainUnit, maxLength: 12 }),
  fc.constantFrom(
    "",
    " ",
    "[a] list",
    "{curly",
    '"said"',
    "\\",
    '\\"',
    "😀",
    "\ud83d",
    "u0022",
    "{}",
    "[7]",
    '"',
  ),
);
const secretText = fc
  .string({ unit: fc.constantFrom(...unitsOf('αβγδεω,:"\\}]{[ \n')), minLength: 1, maxLength: 12 })
  .map((text) => `α${text}ω`);

/** Trees with secrets in them, or without. */
export function trees(withSecrets = true): fc.Arbitrary<Tree> {
  return fc.letrec<{ tree: Tree; secret: Tree; leaf: Tree; list: Tree; object: Tree; json: Tree }>(
    (tie) => ({
      leaf: fc.oneof(
        fc.constantFrom("0", "-1.5e+3", "12345678901234567890", "true", "null").map(scalar),
        plainText.map(text),
      ),
      secret: fc.oneof(
        { weight: 4, arbitrary: secretText.map(text) },
        fc.constantFrom("777", "-777.5e7", "true", "null", "false").map(scalar),
        secretText.map((one): Tree => list([text(one), scalar("777"), list([])])),
        secretText.map((one): Tree => object([entry("αλφα", text(one)), entry("b", object([]))])),
        secretText.map((one): Tree => ({ kind: "json", tree: object([entry("α", text(one))]) })),
      ),
      list: fc.array(tie("tree"), { maxLength: 4 }).map(list),
      object: fc
        .tuple(
          fc.array(
            fc.tuple(plainKey, tie("tree")).map(([key, value]) => entry(key, value)),
            { maxLength: 3 },
          ),
          withSecrets
            ? fc.array(
                fc.tuple(secretKey, tie("secret")).map(([key, value]) => entry(key, value, true)),
                { maxLength: 2 },
              )
            : fc.constant([]),
        )
        .chain(([plain, secret]) =>
          fc.shuffledSubarray([...plain, ...secret], { minLength: plain.length + secret.length }),
        )
        .map((entries) =>
          object(
            entries.filter(({ key }, at) => entries.findIndex((one) => one.key === key) === at),
          ),
        ),
      json: fc
        .oneof({ depthIdentifier: "json", maxDepth: 2 }, tie("leaf"), tie("object"), tie("list"))
        .map((tree): Tree => ({ kind: "json", tree })),
      tree: fc.oneof(
        { maxDepth: 4, depthSize: "large" },
        tie("leaf"),
        tie("object"),
        tie("list"),
        tie("json"),
      ),
    }),
  ).object;
}

function scalar(json: string): Tree {
  return { kind: "scalar", json };
}

function text(value: string): Tree {
  return { kind: "text", text: value };
}

function list(items: readonly Tree[]): Tree {
  return { kind: "list", items };
}

function object(entries: readonly Entry[]): Tree {
  return { kind: "object", entries };
}

function entry(key: string, value: Tree, isSecret = false): Entry {
  return { key, value, isSecret };
}

/** The same key in other letters, with other separators. */
function disguised(key: string, how: readonly number[]): string {
  return unitsOf(key)
    .map((char, at) => {
      const choice = how[at % how.length];
      return choice === 0
        ? char.toUpperCase()
        : choice === 1
          ? `${char}_`
          : choice === 2
            ? `-${char}`
            : char;
    })
    .join("");
}

/** Writes a tree in the many ways that JSON allows; `seed` chooses the way. */
export function written(
  tree: Tree,
  seed: number,
): { readonly text: string; readonly redacted: string } {
  const units = new Writer(seed).value(tree);
  return {
    text: units.map(({ unit }) => unit).join(""),
    redacted: units.map(({ out }) => out).join(""),
  };
}

class Writer {
  #random: number;

  constructor(seed: number) {
    this.#random = seed;
  }

  value(tree: Tree): Unit[] {
    switch (tree.kind) {
      case "scalar":
        return kept(tree.json);
      case "text":
        return this.#string(kept(tree.text));
      case "json":
        return this.#string(this.value(tree.tree));
      case "list":
        return this.#between(
          "[",
          "]",
          tree.items.map((item) => this.value(item)),
        );
      case "object":
        return this.#between(
          "{",
          "}",
          tree.entries.map((one) => this.#entry(one)),
        );
    }
  }

  #entry({ key, isSecret, value }: Entry): Unit[] {
    const units = this.value(value);
    const hidden = units.map(({ unit }, at) => ({ unit, out: at === 0 ? '"[redacted]"' : "" }));
    return [
      ...this.#string(kept(key)),
      ...this.#space(),
      ...kept(":"),
      ...this.#space(),
      ...(isSecret ? hidden : units),
    ];
  }

  #between(open: string, close: string, parts: readonly Unit[][]): Unit[] {
    const inside = parts.flatMap((part, at) => [
      ...(at === 0 ? [] : kept(",")),
      ...this.#space(),
      ...part,
      ...this.#space(),
    ]);
    return [...kept(open), ...inside, ...this.#space(), ...kept(close)];
  }

  #string(units: readonly Unit[]): Unit[] {
    return [...kept('"'), ...units.flatMap((unit) => this.#escaped(unit)), ...kept('"')];
  }

  #escaped({ unit, out }: Unit): Unit[] {
    const short = JSON.stringify(unit).slice(1, -1);
    const long = `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    const raw =
      this.#one(8) === 0 ? long : this.#one(8) === 0 ? long.toUpperCase().replace("U", "u") : short;
    if (out === unit) return kept(raw);
    const said = JSON.stringify(out).slice(1, -1);
    return unitsOf(raw).map((char, at) => ({ unit: char, out: at === 0 ? said : "" }));
  }

  #space(): Unit[] {
    return kept(["", "", "", " ", "\n\t", "\r\n "][this.#one(6)] ?? "");
  }

  #one(count: number): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#random >>> 16) % count;
  }
}

function kept(value: string): Unit[] {
  return unitsOf(value).map((unit) => ({ unit, out: unit }));
}

/** The UTF-16 units of a text. */
export function unitsOf(value: string): string[] {
  return Array.from({ length: value.length }, (_, at) => value.charAt(at));
}

/** Cuts a text into pieces of the sizes given, again and again. */
export function cut(value: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < value.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(value.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** What JSON says, with the JSON in texts read too and, if asked, every secret redacted: a second opinion. */
export function meaning(value: unknown, redact: boolean): unknown {
  if (typeof value === "string") return meaningOfText(value, redact);
  if (Array.isArray(value)) return value.map((item) => meaning(item, redact));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const name = key.replaceAll(/[-_]/g, "").toLowerCase();
    const isSecret = /^(?:password|apikey|xapikey|setcookie|token|clientsecret)$/.test(name);
    return [key, redact && isSecret ? "[redacted]" : meaning(item, redact)] as const;
  });
  return Object.fromEntries(entries);
}

function meaningOfText(value: string, redact: boolean): unknown {
  if (!/^[\s]*[[{"]/.test(value)) return value;
  try {
    return { json: meaning(JSON.parse(value), redact) };
  } catch {
    return value;
  }
}
