import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CANARY_LENGTH, CanaryBook, canaryPattern, SENTINEL } from "../src/canary.ts";

describe("a canary", () => {
  it("is letters and digits only, of one length, and no two are alike", () => {
    const book = new CanaryBook();
    const tokens = Array.from({ length: 2000 }, () => book.mint(0, "x"));

    expect(tokens.every((token) => /^wtcanary[0-9A-Za-z]{24}$/.test(token))).toBe(true);
    expect(new Set(tokens.map(({ length }) => length))).toEqual(new Set([CANARY_LENGTH]));
    expect(new Set(tokens).size).toBe(2000);
  });

  it("is made of every letter and digit alike", () => {
    const book = new CanaryBook();
    const letters = Array.from({ length: 4000 }, () =>
      book.mint(0, "x").slice(SENTINEL.length),
    ).join("");
    const counts = new Map<string, number>();
    for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);

    expect(counts.size).toBe(62);
    const expected = letters.length / 62;
    for (const count of counts.values()) {
      // Eight standard deviations: one run in a thousand billion is further off.
      expect(Math.abs(count - expected)).toBeLessThan(8 * Math.sqrt(expected));
    }
  });

  it("comes through JSON, URL and HTML unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (around) => {
        const token = new CanaryBook().mint(0, "x");
        const text = around + token + around;

        expect(JSON.stringify({ text })).toContain(token);
        expect(encodeURIComponent(text)).toContain(token);
        expect(text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)).toContain(
          token,
        );
      }),
    );
  });

  it("is known to its book, with its user and label, and to no other book", () => {
    const book = new CanaryBook();
    const token = book.mint(3, "motto");

    expect(book.ownerOf(token)).toEqual({ user: 3, label: "motto" });
    expect(new CanaryBook().ownerOf(token)).toBeUndefined();
    expect(book.ownerOf(token.slice(0, -1))).toBeUndefined();
  });
});

describe("the pattern of a canary", () => {
  it("finds every whole one, and is new each time", () => {
    const book = new CanaryBook();
    const tokens = [book.mint(0, "a"), book.mint(1, "b")];
    const text = `${tokens[0]} ${SENTINEL} ${tokens[1]}`;

    expect(text.match(canaryPattern())).toEqual(tokens);
    expect(canaryPattern().test(text)).toBe(true);
    expect(canaryPattern().test(text)).toBe(true);
    expect(canaryPattern()).not.toBe(canaryPattern());
  });
});
