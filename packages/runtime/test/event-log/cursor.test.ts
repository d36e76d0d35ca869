import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCursorCodec, type CursorCodec } from "../../src/event-log/cursor.ts";

const KEY = randomBytes(32);
const alice = createCursorCodec({ epoch: "epoch-1", cursorKey: KEY });
const earlier = createCursorCodec({ epoch: "epoch-0", cursorKey: KEY });
const bob = createCursorCodec({ epoch: "epoch-1", cursorKey: randomBytes(32) });

const seq = fc.oneof(fc.nat(100), fc.maxSafeNat());
const REFUSED = { status: "refused" };

describe("a cursor", () => {
  it("is read as the number that it was written for, by any codec of the log", () => {
    fc.assert(
      fc.property(seq, (number) => {
        const text = alice.write(number);
        const another = createCursorCodec({ epoch: "epoch-1", cursorKey: KEY });
        expect(alice.read(text)).toEqual({ status: "ok", seq: number });
        expect(another.read(text)).toEqual({ status: "ok", seq: number });
        expect(another.write(number)).toBe(text);
      }),
    );
  });

  it("fits into a URL and a header as it is", () => {
    const long = createCursorCodec({ epoch: "e".repeat(24), cursorKey: KEY });
    const text = long.write(Number.MAX_SAFE_INTEGER);
    expect(text.length).toBeLessThanOrEqual(100);
    expect(encodeURIComponent(text)).toBe(text);
    expect(long.read(text).status).toBe("ok");
  });

  it("of an earlier log of the same user is known as that", () => {
    fc.assert(
      fc.property(seq, (number) => {
        expect(alice.read(earlier.write(number))).toEqual({ status: "other-epoch" });
      }),
    );
  });

  it("of another user is refused", () => {
    fc.assert(
      fc.property(seq, (number) => {
        expect(alice.read(bob.write(number))).toEqual(REFUSED);
      }),
    );
  });

  it("with any one character changed, added or taken away is refused", () => {
    const letters = "abcXYZ019-_. +=%".split("");
    for (const text of [0, 7, 8, 12_345].map((number) => alice.write(number))) {
      const changed = Array.from({ length: text.length + 1 }, (_, at) => {
        const [head, tail] = [text.slice(0, at), text.slice(at)];
        const more = letters.flatMap((one) => [
          `${head}${one}${tail}`,
          `${head}${one}${tail.slice(1)}`,
        ]);
        return [head, `${head}${tail.slice(1)}`, ...more];
      });
      const others = changed.flat().filter((one) => one !== text);
      expect(others.length).toBeGreaterThan(600);
      for (const other of others) expect(alice.read(other)).toEqual(REFUSED);
      expect(alice.read(text).status).toBe("ok");
    }
  });

  it("has a signature of its own for each number: none can be put on another", () => {
    const tags = Array.from({ length: 64 }, (_, number) => alice.write(number).split(".")[2]);
    expect(new Set(tags).size).toBe(64);
    for (const tag of tags.slice(1)) expect(alice.read(`epoch-1.0.${tag}`)).toEqual(REFUSED);
  });

  it("is refused, never an exception, whatever the text is", () => {
    const shaped = fc
      .tuple(
        fc.string({ maxLength: 70 }),
        fc.oneof(fc.bigInt(), fc.double(), fc.string()),
        fc.string(),
      )
      .map(([epoch, number, tag]) => `${epoch}.${String(number)}.${tag}`);
    const units = fc.array(fc.nat(0xffff), { maxLength: 120 });
    const anyText = units.map((codes) => String.fromCharCode(...codes));
    const strange = fc.constantFrom(
      undefined,
      null,
      7,
      {},
      [],
      Symbol("text"),
    ) as fc.Arbitrary<unknown>;
    fc.assert(
      fc.property(fc.oneof(anyText, shaped, strange), (text) => {
        expect(alice.read(text as string)).toEqual(REFUSED);
      }),
      { numRuns: 500 },
    );
    expect(alice.read("1".repeat(1_000_000))).toEqual(REFUSED);
    const tag = alice.write(0).split(".")[2] ?? "";
    for (const number of ["9007199254740992", "9999999999999999", "00", "+0", "-0", "0x0", "1e3"]) {
      expect(alice.read(`epoch-1.${number}.${tag}`)).toEqual(REFUSED);
    }
  });

  it("is written the same whatever was written in between", () => {
    const codecs = new Map<number, string>();
    const fresh = (): CursorCodec => createCursorCodec({ epoch: "epoch-1", cursorKey: KEY });
    for (const number of [0, 1, 9, 2, 8, 1, 70, 3]) codecs.set(number, fresh().write(number));
    const codec = fresh();
    for (const [number, text] of codecs) expect(codec.write(number)).toBe(text);
    for (const [number, text] of [...codecs].toReversed()) expect(codec.write(number)).toBe(text);
  });
});
