import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretKeys } from "../../src/bridge/redact-keys.ts";
import { redactText, TextRedactor } from "../../src/bridge/redact-text.ts";
import { cut, LEAK, meaning, trees, unitsOf, written } from "./redact-planted.ts";

const keys = createSecretKeys();
const seed = fc.nat();
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

function inPieces(pieces: readonly string[]): string {
  const redactor = new TextRedactor(keys);
  return pieces.map((piece) => redactor.push(piece)).join("") + redactor.end();
}

function redact(text: string): string {
  return redactText(text, keys);
}

describe("a text of JSON, redacted", () => {
  it("has exactly the secrets replaced, wherever it is cut and however it is written", () => {
    let planted = 0;
    fc.assert(
      fc.property(trees(), seed, sizes, (tree, how, cuts) => {
        const { text, redacted } = written(tree, how);
        if (LEAK.test(text)) planted += 1;
        expect(inPieces(cut(text, cuts))).toBe(redacted);
        expect(inPieces(cut(text, [1]))).toBe(redacted);
        expect(redact(text)).toBe(redacted);
        expect(redacted).not.toMatch(LEAK);
      }),
      { numRuns: 150 },
    );
    expect(planted).toBeGreaterThan(40);
  });

  it("means the same beside its secrets", () => {
    fc.assert(
      fc.property(trees(), seed, (tree, how) => {
        const { text } = written(tree, how);
        const said = meaning(JSON.parse(redact(text)), false);
        expect(said).toEqual(meaning(JSON.parse(text), true));
      }),
      { numRuns: 150 },
    );
  });

  it("is the same text if there is no secret in it, each piece at once but for an unfinished escape", () => {
    fc.assert(
      fc.property(trees(false), seed, sizes, (tree, how, cuts) => {
        const { text } = written(tree, how);
        const redactor = new TextRedactor(keys);
        let [taken, given] = ["", ""];
        for (const piece of cut(text, cuts)) {
          taken += piece;
          given += redactor.push(piece);
          expect(taken.startsWith(given)).toBe(true);
          expect(taken.slice(given.length)).toMatch(/^(?:|\\.*)$/s);
        }
        expect(given + redactor.end()).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  it("gives no secret away when it breaks off, or goes on as nonsense, at any place", () => {
    const nonsense = fc.string({ unit: fc.constantFrom(...unitsOf('{}[]",:\\u0x 1tn')) });
    fc.assert(
      fc.property(trees(), seed, fc.nat(), nonsense, (tree, how, place, rest) => {
        const { text } = written(tree, how);
        const broken = text.slice(0, place % (text.length + 1)) + rest;
        expect(inPieces(cut(broken, [3, 1, 2]))).not.toMatch(LEAK);
      }),
      { numRuns: 250 },
    );
  });
});

describe("a secret's key", () => {
  it.each([
    ['{"password":"α"}', '{"password":"[redacted]"}'],
    ['{"pass\\u0077ord":"α"}', '{"pass\\u0077ord":"[redacted]"}'],
    ['{"\\u0070ASS-w_ord" : 777 }', '{"\\u0070ASS-w_ord" : "[redacted]" }'],
    ['{"pass\\word":"α"}', '{"pass\\word":"[redacted]"}'],
    ['{"a":1,"token":{"b":["α"]},"c":2}', '{"a":1,"token":"[redacted]","c":2}'],
    ['{"passwords":"kept","a password":"kept","word":"password"}', undefined],
    ['["password","token",":"]', undefined],
    ['{"to":"ken","token\\u0000":"kept","tokén":"kept"}', undefined],
  ])("is the whole key: %s", (text, redacted = text) => {
    expect(redact(text)).toBe(redacted);
  });
});

describe("a text within a text", () => {
  it("is redacted if it is JSON, also as one string, and written with any escapes", () => {
    const once = JSON.stringify({ password: "α", a: 1 });
    const twice = JSON.stringify({ body: once });
    const clean = JSON.stringify({ password: "[redacted]", a: 1 });

    expect(redact(JSON.stringify(once))).toBe(JSON.stringify(clean));
    expect(redact(twice)).toBe(JSON.stringify({ body: clean }));
    expect(redact(JSON.stringify([twice]))).toBe(JSON.stringify([JSON.stringify({ body: clean })]));
    expect(redact('["\\u007b\\u0022token\\u0022:\\u0022α\\u0022}"]')).toBe(
      '["\\u007b\\u0022token\\u0022:\\"[redacted]\\"}"]',
    );
  });

  it("doesn't pass if it lies deeper than can be looked into", () => {
    const nest = (text: string, levels: number): string =>
      levels === 0 ? text : nest(JSON.stringify([text]), levels - 1);

    expect(redact(nest('{"a":1}', 6))).toBe(nest('{"a":1}', 6));
    expect(redact(nest('{"password":"α"}', 6))).toBe(nest('{"password":"[redacted]"}', 6));
    expect(redact(nest('{"a":1}', 7))).toBe(nest("[redacted]", 7));
  });

  it("doesn't pass if one character of it takes more than 1,000", () => {
    const escape = (text: string): string =>
      unitsOf(text)
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join("");
    const openers = (levels: number): string =>
      levels === 0 ? "[" : `["${escape(openers(levels - 1))}`;

    expect(redact(openers(3))).toBe(openers(3));
    expect(openers(4).length - redact(openers(4)).length).toBe(6 ** 4);
  });
});

describe("a text that is no JSON", () => {
  it.each([
    'Say "password": "hunter2" and enter.',
    "password=hunter2&token=1",
    '"Hello," she said, "token": 7',
    "",
    "   ",
    "null",
    "\\",
    '[see below] it\'s "quoted", {or} not \\u00',
    '{"a": oops, "b": \'c\'}',
  ])("passes as it is: %s", (text) => {
    expect(inPieces(cut(text, [1]))).toBe(text);
    expect(redact(text)).toBe(text);
  });
});

describe("JSON that is broken", () => {
  it.each([
    ['{"password": α, "b": 1}', '{"password": "[redacted]"'],
    ['{"password": true α}', '{"password": "[redacted]" '],
    ['{"password": 7α, "b": 1}', '{"password": "[redacted]"'],
    ['{"password": "α"α", "b": 1}', '{"password": "[redacted]"'],
    ['{"password": ["α"}, α]}', '{"password": "[redacted]"'],
    ['{"password":, α}', '{"password":"[redacted]"'],
    ["{\"password\": 'α, α'}", '{"password": "[redacted]"'],
    ['{"a":1,} {"password":"α"}', '{"a":1,} {"password":"[redacted]"}'],
    ['{"a":1}{"password":"α"}', '{"a":1}{"password":"[redacted]"}'],
    ['{"a": oops, "password":"α"}', '{"a": oops, "password":"[redacted]"}'],
    ['{"a":"\nraw","password":"α\n"}', '{"a":"\nraw","password":"[redacted]"}'],
    ['{"a":"\\u12","password":"α"}', '{"a":"\\u12","password":"[redacted]"}'],
  ])("passes, but never what may be a secret: %s", (text, redacted) => {
    expect(inPieces(cut(text, [1]))).toBe(redacted);
    expect(redact(text)).toBe(redacted);
  });

  it("keeps a bounded number of brackets and digits, and then nothing passes", () => {
    const deep = (levels: number): string =>
      `{"token":${"[".repeat(levels)}${"]".repeat(levels)},"a":1}`;
    const long = (digits: number): string => `{"token":${"7".repeat(digits)},"a":1}`;

    expect(redact(deep(1000))).toBe('{"token":"[redacted]","a":1}');
    expect(redact(deep(1001))).toBe('{"token":"[redacted]"');
    expect(redact(long(1000))).toBe('{"token":"[redacted]","a":1}');
    expect(redact(long(1001))).toBe('{"token":"[redacted]"');
  });
});
