import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type HttpErrorCode, HttpRefusal } from "../../src/http/http-refusal.ts";

const page = readFileSync(new URL("../../../../docs/ag-ui.md", import.meta.url), "utf8");
const source = readFileSync(new URL("../../src/http/http-refusal.ts", import.meta.url), "utf8");

describe("the page on AG-UI over HTTP", () => {
  it("has each code of a refusal with its status, and no other", () => {
    const rows = [...page.matchAll(/^\| (\d{3}) +\| `([A-Z_]+)` +\|/gm)];
    const documented = rows.map(([, status, code]) => `${code} ${status}`);
    const codes = [...source.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(([, code]) => code);

    const expected = codes.map((code) => {
      const refusal = new HttpRefusal(code as HttpErrorCode, "");
      return `${code} ${refusal.status}`;
    });

    expect(codes.length).toBeGreaterThan(15);
    expect(new Set(documented)).toEqual(new Set(expected));
    expect(documented).toHaveLength(expected.length);
  });
});
