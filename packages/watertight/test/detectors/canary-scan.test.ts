import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CanaryBook, shapeCanary } from "../../src/canary.ts";
import { scanForCanaries } from "../../src/detectors/canary-scan.ts";
import { createNeedles } from "../../src/detectors/needles.ts";

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

  it("finds one in UTF-16", () => {
    const book = new CanaryBook();
    const token = book.mint(7, "secret");
    const bytes = Buffer.from(`before ${token}`, "utf16le");

    expect(scanForCanaries({ ...piece(""), bytes }, book, needles)).toMatchObject([
      { token, encoding: "utf-16", offset: 14 },
    ]);
  });

  it.each([[""], ["7"], ["74219"]])("finds one that is a number, after %j", (before) => {
    const book = new CanaryBook();
    const token = book.mint(7, "account", "number");

    expect(Number(token)).toBeLessThan(Number.MAX_SAFE_INTEGER);
    expect(String(Number(token))).toBe(token);
    const hits = scanForCanaries(piece(`{"account":${before}${token}}`), book, needles);
    expect(hits).toMatchObject([{ token, owner: { user: 7, label: "account" } }]);
  });

  it.each([
    ["as they are", (bytes: Buffer) => bytes],
    ["in hex", (bytes: Buffer) => Buffer.from(bytes.toString("hex").toUpperCase())],
    [
      "percent-encoded",
      (bytes: Buffer) => Buffer.from(bytes.toString("hex").replaceAll(/../g, "%$&")),
    ],
    ["taken for Latin-1", (bytes: Buffer) => Buffer.from(bytes.toString("latin1"))],
    ["taken for UTF-16", (bytes: Buffer) => Buffer.from(bytes.toString("utf16le"))],
  ])("finds bytes %s", (_, write) => {
    const book = new CanaryBook();
    const token = book.mint(7, "key", "bytes");
    const other = book.mint(8, "key", "bytes");
    const bytes = Buffer.concat([Buffer.from("data of "), write(Buffer.from(token, "hex"))]);

    expect(scanForCanaries({ ...piece(""), bytes }, book, needles)).toMatchObject([
      { token, owner: { user: 7 }, offset: 8 },
    ]);
    const careless = [token, other].map((secret) => Buffer.from(secret, "hex").toString("utf8"));
    expect(careless[0]).toBe(careless[1]);
  });

  it.each(["token", "delimiters", "unicode", "long"] as const)(
    "finds one dressed in %s",
    (shape) => {
      const book = new CanaryBook();
      const token = book.mint(7, "secret", shape);
      const text = shapeCanary(token, shape);

      for (const written of [text, JSON.stringify(text), encodeURIComponent(text)]) {
        expect(scanForCanaries(piece(written), book, needles)).toMatchObject([{ token }]);
      }
    },
  );

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
