import { describe, expect, it } from "vitest";
import { callable, milliseconds, wholeNumber } from "../../src/internal/options.ts";

const invalid = expect.objectContaining({ code: "WT_OPTION_INVALID" });

describe("an option", () => {
  it("that counts is a whole number of at least 1, or of what is named", () => {
    for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null, undefined]) {
      expect(() => wholeNumber("n", bad)).toThrow(invalid);
    }
    expect(wholeNumber("n", 1)).toBe(1);
    expect(wholeNumber("n", 0, 0)).toBe(0);
  });

  it("that a timer waits for is at most what a timer can wait for", () => {
    expect(milliseconds("n", 2 ** 31 - 1)).toBe(2 ** 31 - 1);
    expect(() => milliseconds("n", 2 ** 31)).toThrow("24.8 days");
  });

  it("that is called is a function", () => {
    expect(callable("n", Date.now)).toBe(Date.now);
    expect(() => callable("n", undefined)).toThrow(invalid);
  });
});
