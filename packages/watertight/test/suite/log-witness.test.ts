import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { createNeedles } from "../../src/detectors/needles.ts";
import { LogWitness } from "../../src/suite/log-witness.ts";
import { StreamScan } from "../../src/suite/stream-scan.ts";

type Print = (text: string, stream?: string) => void;

function watched(share: readonly string[] = []): {
  readonly book: CanaryBook;
  readonly logs: LogWitness;
  readonly print: Print;
} {
  const book = new CanaryBook();
  const place = { check: "1.1", pattern: { name: "overlap", seed: 7 }, replay: "again" };
  const nameOf = (user: number): string => `user-0${user}`;
  const logs = new LogWitness({ book, nameOf, share, place: () => place });
  let listener: (stream: string, text: string) => void = () => {};
  logs.watch((listen) => (listener = listen));
  return { book, logs, print: (text, stream = "stdout") => listener(stream, text) };
}

describe("a stream", () => {
  it.each(["plain", "base64", "hex", "upper"])(
    "shows each canary once, wherever it is cut (%s)",
    (form) => {
      const book = new CanaryBook();
      const [first, second] = [book.mint(0, "a"), book.mint(1, "b")];
      const written = (token: string): string => {
        if (form === "upper") return token.toUpperCase();
        return form === "plain" ? token : Buffer.from(token).toString(form as "hex");
      };
      const text = `${"x".repeat(300)} ${written(first)}\n${written(second)} ${written(first)} `;
      for (let cut = 295; cut < text.length; cut += 1) {
        const scan = new StreamScan(book, createNeedles());
        const pieces = [text.slice(0, cut), text.slice(cut, cut + 3), text.slice(cut + 3)];
        const hits = pieces.flatMap((piece) => scan.read(Buffer.from(piece)));
        expect(
          hits.map(({ owner }) => owner.user).toSorted((a, b) => a - b),
          `cut at ${cut}`,
        ).toEqual([0, 0, 1]);
      }
    },
  );

  it("shows nothing where there is none, or only half of one", () => {
    const book = new CanaryBook();
    const scan = new StreamScan(book, createNeedles());
    const token = book.mint(0, "a");

    expect(scan.read(Buffer.from("GET / 200\n"))).toEqual([]);
    expect(scan.read(Buffer.from(token.slice(0, 20)))).toEqual([]);
    expect(scan.read(Buffer.from(`\n${token.slice(20)}`))).toEqual([]);
  });
});

describe("what a target prints", () => {
  it("is a note for each label, with users, a count and a masked example", () => {
    const { book, logs, print } = watched();
    const tokens = [0, 1, 2, 3, 4].map((user) => book.mint(user, "token"));
    for (const token of tokens) print(`login with token=${token} ok\n`);
    print(`once more ${tokens[0]}\n`);
    const motto = book.mint(1, "motto");
    print(`said ${motto}\n`, "stderr");

    const [first, second, ...others] = logs.findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      kind: "logged",
      tier: "exposed",
      occurrences: 6,
      check: "1.1",
      replay: "again",
      pattern: { name: "overlap", seed: 7 },
      title: `The server printed “token” of 5 users (user-00, user-01, user-02, 2 others), 6 times`,
      example: `login with token=${tokens[0]?.slice(0, 12)}… ok`,
    });
    expect(second).toMatchObject({ occurrences: 1 });
    expect(second?.title).toContain("“motto” of 1 user (user-01), 1 time");
    const text = JSON.stringify(logs.findings);
    for (const token of [...tokens, motto]) expect(text).not.toContain(token);
  });

  it("is told of once for labels that differ by their number, and for what is too much", () => {
    const { book, logs, print } = watched();
    for (let run = 0; run < 50; run += 1) print(`${book.mint(0, `run-${run}`)}\n`);
    expect(logs.findings).toMatchObject([{ occurrences: 50 }]);

    const letters = "abcdefghijklmnopqrstuvwxyz".split("");
    for (const letter of letters) print(`${book.mint(1, letter)}\n`);
    expect(logs.findings).toHaveLength(21);
    expect(logs.findings.some(({ title }) => title.includes("“others”"))).toBe(true);
  });

  it("is of no interest where it is declared as shared, or is nobody's", () => {
    const { book, logs, print } = watched(["room"]);
    print(`${book.mint(0, "room")} ${new CanaryBook().mint(0, "other run")}\n`);

    expect(logs.findings).toEqual([]);
  });

  it("is cut between streams, not joined", () => {
    const { book, logs, print } = watched();
    const token = book.mint(0, "token");
    print(token.slice(0, 16));
    print(token.slice(16), "stderr");
    expect(logs.findings).toEqual([]);

    print(token.slice(16));
    expect(logs.findings).toHaveLength(1);
  });
});
