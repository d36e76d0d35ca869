import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { secretFields, withFields } from "../../src/suite/request-fields.ts";

const book = new CanaryBook();
const [one, two] = [book.mint(0, "one"), book.mint(0, "two")];

function request(changes: object) {
  return {
    method: "POST",
    path: "/a?plain=1",
    headers: {},
    body: undefined,
    answer: undefined,
    ...changes,
  };
}

describe("the fields of a request", () => {
  it.each([
    ["header", request({ headers: { "x-a": one, "x-b": `b ${two}`, other: "plain" } })],
    ["query", request({ path: `/a?x-a=${one}&plain=1&x-b=b+${two}` })],
    [
      "json",
      request({
        headers: { "content-type": "application/json; charset=utf-8" },
        body: Buffer.from(JSON.stringify({ "x-a": one, number: 1, "x-b": `b ${two}` })),
      }),
    ],
    [
      "form",
      request({
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: Buffer.from(`x-a=${one}&plain=1&x-b=b+${two}`),
      }),
    ],
  ] as const)(
    "in a %s are those that say a secret, and can be changed and left out",
    (place, sent) => {
      expect(secretFields(sent)).toEqual([
        { place, name: "x-a", value: one },
        { place, name: "x-b", value: `b ${two}` },
      ]);

      const repeated = withFields(sent, place, { "x-a": `${two}&=`, "x-b": undefined });

      expect(secretFields({ ...sent, ...repeated })).toEqual([
        { place, name: "x-a", value: `${two}&=` },
      ]);
      expect(repeated.method).toBe("POST");
    },
  );

  it("are none in a body that is no JSON, or holds no secret", () => {
    const headers = { "content-type": "application/json" };

    expect(secretFields(request({ headers, body: Buffer.from(`{"a":"${one}`) }))).toEqual([]);
    expect(secretFields(request({ headers, body: Buffer.from(`["${one}"]`) }))).toEqual([]);
    expect(secretFields(request({ path: "/a?b=c" }))).toEqual([]);
  });
});
