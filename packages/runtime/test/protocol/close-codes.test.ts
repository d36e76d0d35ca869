import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";

const page = readFileSync(new URL("../../../../docs/close-codes.md", import.meta.url), "utf8");
const rows = [...page.matchAll(/^\| (\d{4}) \| (.+?) *\|/gm)].map(([, code, reason]) => ({
  code: Number(code),
  reason,
}));

describe("the page on close codes", () => {
  it("has each code of the runtime with its reason, and no other but the one that ws sends", () => {
    const ofWs = { code: 1009, reason: "_(none)_" };
    const expected = [...Object.values(CLOSE), ofWs].toSorted((a, b) => a.code - b.code);

    expect(rows).toEqual(expected);
  });
});

describe("a close code", () => {
  it("is used for one reason only, and can be sent: its reason fits into a close frame", () => {
    const codes = Object.values(CLOSE).map(({ code }) => code);

    expect(new Set(codes).size).toBe(codes.length);
    for (const { reason } of Object.values(CLOSE)) {
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    }
  });

  it("can't be changed for everybody", () => {
    expect(Object.isFrozen(CLOSE)).toBe(true);
    expect(Object.values(CLOSE).every((entry) => Object.isFrozen(entry))).toBe(true);
  });
});
