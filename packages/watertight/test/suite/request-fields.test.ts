import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { inBytes, saysSecret, secretFields, withFields } from "../../src/suite/request-fields.ts";

const book = new CanaryBook();
const [one, two] = [book.mint(0, "one"), book.mint(0, "two")];

function request(changes: object) {
  const plain = { method: "POST", path: "/a?plain=1", headers: {}, body: undefined };
  return { ...plain, isStream: false, answer: undefined, ...changes };
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

describe("a request in bytes", () => {
  it("says them where it said a secret, in the form of the place", () => {
    const bytes = Buffer.from(book.mint(0, "bytes", "bytes"), "hex");
    const encoded = bytes.toString("hex").replaceAll(/../g, "%$&");
    const sent = request({
      path: `/a/${one}?b=${two}`,
      headers: { "x-a": one, "content-type": "text/plain" },
      body: Buffer.from(`ü ${one}`),
    });

    const { path, headers, body } = inBytes(sent, bytes);

    expect(path).toBe(`/a/${encoded}?b=${encoded}`);
    expect(headers).toEqual({ "x-a": bytes.toString("latin1"), "content-type": "text/plain" });
    expect(body).toEqual(Buffer.concat([Buffer.from("ü "), bytes]));
    const form = { ...sent, headers: { "content-type": "application/x-www-form-urlencoded" } };
    expect(inBytes({ ...form, body: Buffer.from(`a=${one}`) }, bytes).body?.toString()).toBe(
      `a=${encoded}`,
    );
    expect(saysSecret(sent)).toBe(true);
    expect(saysSecret(request({}))).toBe(false);
  });
});
