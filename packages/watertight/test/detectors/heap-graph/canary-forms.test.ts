import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CanaryBook, SENTINEL } from "../../../src/canary.ts";
import { CanaryForms, FOUND } from "../../../src/detectors/heap-graph/canary-forms.ts";

const forms = new CanaryForms(SENTINEL);
const secret = new CanaryBook().mint(0, "secret");

const AROUND = fc.string({ unit: "binary-ascii", maxLength: 9 });

/** What the scan of a snapshot's strings says of some bytes. */
function scan(bytes: Buffer): boolean {
  let state = 0;
  for (const byte of bytes) state = forms.next[state * 256 + byte] ?? 0;
  return state === FOUND;
}

const ENCODINGS: readonly (readonly [string, (text: string) => string])[] = [
  ["plain", (text) => text],
  ["in small letters", (text) => text.toLowerCase()],
  ["in hex", (text) => Buffer.from(text).toString("hex")],
  ["in hex of capital letters", (text) => Buffer.from(text).toString("hex").toUpperCase()],
  ["in base64", (text) => Buffer.from(text).toString("base64")],
  ["in base64 for URLs", (text) => Buffer.from(text).toString("base64url")],
];

describe("a canary is recognised and decoded", () => {
  it.each(ENCODINGS)("%s, whatever stands around it", (_, encode) => {
    fc.assert(
      fc.property(AROUND, AROUND, AROUND, (outer, before, after) => {
        const text = `${outer} ${encode(before + secret + after)}`;

        expect(forms.mayHold(text)).toBe(true);
        expect(scan(Buffer.from(text))).toBe(true);
        expect(forms.tokensIn(text).map((token) => token.toLowerCase())).toContain(
          secret.toLowerCase(),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("after a start that breaks off and begins anew", () => {
    for (const broken of ["w", "wt", "wtcanar", "wtcanarywtc", "7774", "d3Rj", "d3d3"]) {
      expect(scan(Buffer.from(broken + secret))).toBe(true);
      expect(forms.tokensIn(broken + secret)).toContain(secret);
    }
  });

  it("with all others of the same text, each once", () => {
    const other = new CanaryBook().mint(1, "other");
    const text = `${secret} ${other}${secret} ${Buffer.from(other).toString("hex")}`;

    expect(forms.tokensIn(text).toSorted()).toEqual([secret, other].toSorted());
  });
});

it.each([
  ["a start alone", SENTINEL],
  ["a canary that is cut off", secret.slice(0, -1)],
  ["a cut in hex", Buffer.from(secret).toString("hex").slice(0, -1)],
  ["other letters", "wt-canary".padEnd(40, "x")],
])("%s is no canary", (_, text) => {
  expect(forms.tokensIn(text)).toEqual([]);
});

it("text without a start isn't even looked at", () => {
  expect(scan(Buffer.from("the wtcanar of w7774 and d3RjYW".repeat(100)))).toBe(false);
});
