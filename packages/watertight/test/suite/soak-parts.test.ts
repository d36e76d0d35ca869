import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding.ts";
import { SoakFindings } from "../../src/suite/soak-findings.ts";
import { WindowBooks } from "../../src/suite/soak-book.ts";
import { RollingPoints } from "../../src/suite/soak-points.ts";

describe("rolling points", () => {
  it.each([1, 5, 119, 120, 121, 500, 86_401])(
    "of %i keep at most 120, at even distances, with the first and the last",
    (count) => {
      const points = new RollingPoints<number>(120);
      for (let place = 0; place < count; place += 1) points.add(place);

      const { items } = points;
      expect(points.count).toBe(count);
      expect(items.length).toBeLessThanOrEqual(120);
      expect(items.length).toBeGreaterThanOrEqual(Math.min(count, 60));
      expect([items[0], items.at(-1)]).toEqual([0, count - 1]);
      const steps = items.slice(1, -1).map((place, index) => place - (items[index] as number));
      expect(new Set(steps).size).toBeLessThanOrEqual(1);
    },
  );

  it("of none are none", () => {
    expect(new RollingPoints(120).items).toEqual([]);
  });
});

function finding(kind: Finding["kind"], id: string): Finding {
  return {
    id,
    check: "7.1",
    kind,
    tier: "proved",
    title: `finding ${id}`,
    occurrences: 2,
    heldIn: [],
    pattern: { name: "everything at once", seed: 1 },
    replay: "",
    fix: { text: "", page: "" },
  };
}

describe("the findings of a soak", () => {
  it("say in which window they were seen, and count what comes again", () => {
    const findings = new SoakFindings();
    findings.add(3, [finding("leak", "a")]);
    findings.add(4, [finding("loss", "b")]);
    findings.add(9, [finding("leak", "a")]);
    findings.add(12, [finding("leak", "a")]);

    expect(findings.findings).toMatchObject([
      {
        id: "a",
        title: "finding a in window 3; again in 2 other windows, 6 times in all",
        occurrences: 6,
      },
      { id: "b", title: "finding b in window 4", occurrences: 2 },
    ]);
    expect([...findings.counts]).toEqual([
      ["leak", 3],
      ["loss", 1],
    ]);
  });

  it("are at most 20, but never without one of a kind", () => {
    const findings = new SoakFindings();
    for (let pair = 0; pair < 500; pair += 1) findings.add(1, [finding("leak", `pair-${pair}`)]);
    findings.add(7, [finding("loss", "lost")]);
    findings.add(8, [finding("crash", "died")]);

    const kinds = findings.findings.map(({ kind }) => kind);
    expect(kinds).toHaveLength(20);
    expect(kinds.filter((kind) => kind !== "leak")).toEqual(["loss", "crash"]);
    expect(findings.findings[0]?.id).toBe("pair-0");
    expect(findings.counts.get("leak")).toBe(500);
  });
});

describe("the books of windows", () => {
  it("know whose the secrets of the windows before are, and forget those of long ago", () => {
    const books = new WindowBooks();
    const first = books.next().mint(3, "question");
    const second = books.next();
    const tokens = [second.mint(1, "question")];

    expect(second.ownerOf(first)).toEqual({ user: 3, label: "question" });
    expect(second.asMinted(first.toLowerCase())).toBe(first);
    for (let window = 3; window <= 5; window += 1) tokens.push(books.next().mint(0, "x"));
    const sixth = books.next();
    expect(sixth.ownerOf(first)).toBeUndefined();
    expect(sixth.ownerOf(tokens[0] as string)).toBeUndefined();
    expect(sixth.ownerOf(tokens[1] as string)).toEqual({ user: 0, label: "x" });
  });
});
