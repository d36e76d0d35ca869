import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { createNeedles, scanForCanaries } from "../../src/detectors/canary-scan.ts";

const needles = createNeedles();

function piece(text: string) {
  return { user: 1, connection: "user-01/socket-1", index: 0, atMs: 0, bytes: Buffer.from(text) };
}

describe("scanning for canaries", () => {
  const encodings = ["utf8", "base64", "base64url", "hex"] as const;
  const cases = encodings.flatMap((encoding) =>
    ["", "a", "ab", "abc"].map((before) => [encoding, before] as const),
  );

  it.each(cases)("finds one written as %s after %j, at every alignment", (encoding, before) => {
    const book = new CanaryBook();
    const token = book.mint(7, "secret");
    const encoded = Buffer.from(`${before}${token} and more`).toString(encoding);

    const hits = scanForCanaries(piece(`{"text":"${encoded}"}`), book, needles);

    expect(hits).toHaveLength(1);
    expect(hits[0]).toMatchObject({ token, owner: { user: 7, label: "secret" } });
  });

  it("finds upper-case hex", () => {
    const book = new CanaryBook();
    const token = book.mint(7, "secret");

    const hits = scanForCanaries(
      piece(Buffer.from(token).toString("hex").toUpperCase()),
      book,
      needles,
    );

    expect(hits.map((hit) => hit.token)).toEqual([token]);
  });

  it.each([
    ["small", (text: string) => text.toLowerCase()],
    ["capital", (text: string) => text.toUpperCase()],
  ])("finds one in %s letters, and names it as it was minted", (_, change) => {
    const book = new CanaryBook();
    const token = book.mint(7, "secret");

    const hits = scanForCanaries(piece(`À ${change(token)}`), book, needles);

    expect(hits.map((hit) => [hit.token, hit.owner.user])).toEqual([[token, 7]]);
  });

  it("finds every canary of a frame that holds several", () => {
    const book = new CanaryBook();
    const tokens = [0, 1, 2].map((user) => book.mint(user, "secret"));

    const hits = scanForCanaries(piece(tokens.join("")), book, needles);

    expect(hits.map((hit) => hit.owner.user)).toEqual([0, 1, 2]);
  });

  it("passes over what was never minted, and what is cut off", () => {
    const book = new CanaryBook();
    const token = book.mint(0, "secret");
    const stranger = new CanaryBook().mint(0, "secret");

    const hits = scanForCanaries(piece(`${stranger} ${token.slice(0, -1)}`), book, needles);

    expect(hits).toEqual([]);
  });

  it("tells where in the frame it stands", () => {
    const book = new CanaryBook();
    const token = book.mint(0, "secret");

    const [hit] = scanForCanaries(piece(`12345${token}`), book, needles);

    expect(hit?.offset).toBe(5);
  });

  it("finds one in any form, whatever stands around it", () => {
    const form = fc.constantFrom(
      "utf8" as const,
      "base64" as const,
      "base64url" as const,
      "hex" as const,
    );
    const around = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(form, around, around, around, (encoding, before, after, outside) => {
        const book = new CanaryBook();
        const token = book.mint(7, "secret");
        const inner = Buffer.concat([before, Buffer.from(token), after]);
        const encoded = encoding === "utf8" ? inner : Buffer.from(inner.toString(encoding));
        // What stands right beside encoded text is no letter of its alphabet.
        const bytes = Buffer.concat([
          outside,
          Buffer.from(" "),
          encoded,
          Buffer.from(" "),
          outside,
        ]);

        const hits = scanForCanaries({ ...piece(""), bytes }, book, needles);

        expect(hits.map((hit) => hit.token)).toEqual([token]);
      }),
    );
  });
});
