import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Holder } from "../../src/finding.ts";
import type { SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { toFindings } from "../../src/suite/findings.ts";
import type { SuiteObservation } from "../../src/suite/round.ts";
import { createRound, kindsOf, seen } from "./hand-made.ts";

const FOLDER = join("/", "projects", "chat");
const CONTEXT = { check: "2.1", replay: "npx watertight check --only 2.1", folder: FOLDER };

function observe(changes: Partial<SuiteObservation>): SuiteObservation {
  const kind = changes.kind ?? "leak";
  const pattern = { name: "lockstep", seed: 7 };
  return { kind, tier: "proved", title: `a ${kind}`, occurrences: 1, pattern, ...changes };
}

const CANARY = Object.freeze({ label: "secret", token: "t", encoding: "plain", offset: 0 });

const leak = (from: number, to: number, occurrences = 1): SuiteObservation => {
  const [owner, reader] = [`user-0${from}`, `user-0${to}`];
  const canary = { ...CANARY, owner } as const;
  return observe({ kind: "leak", from: owner, to: reader, occurrences, canary });
};

const loss = (to: number): SuiteObservation => observe({ kind: "loss", to: `user-0${to}` });

describe("findings", () => {
  it("of five different mishaps are five different kinds", () => {
    const change = (place: number) => (frames: readonly object[]) => {
      const [one, other] = [frames[place] as object, frames[place + 1] as object];
      return {
        lost: frames.toSpliced(place, 1),
        twice: frames.toSpliced(place, 0, one),
        swapped: frames.with(place, other).with(place + 1, one),
      };
    };
    const round = createRound(6);
    const [a, b, c, d, e, f] = round.users as [SimulatedUser, ...SimulatedUser[]] & SimulatedUser[];
    round.expectRunsOf(round.users);
    const send = (to: SimulatedUser | undefined, frames: readonly object[]): void => {
      for (const frame of frames) round.deliver(to as SimulatedUser, frame);
    };
    const framesOf = (user: SimulatedUser | undefined) => round.runOf(user as SimulatedUser);
    // a and b get each other's fifth event; c hears d; d, e and f have a mishap of their own.
    send(a, framesOf(a).with(4, framesOf(b)[4] as object));
    send(b, framesOf(b).with(4, framesOf(a)[4] as object));
    send(c, [...framesOf(c), framesOf(d)[4] as object]);
    send(d, change(3)(framesOf(d)).lost);
    send(e, change(3)(framesOf(e)).twice);
    send(f, change(3)(framesOf(f)).swapped);

    const findings = toFindings(seen(round), CONTEXT);

    expect(kindsOf(findings)).toEqual(["duplicate", "leak", "loss", "reorder", "swap"]);
    expect(findings.find(({ kind }) => kind === "swap")).toMatchObject({
      title: "user-01 and user-00 received each other's events",
      occurrences: 2,
    });
    expect(findings.find(({ kind }) => kind === "leak")).toMatchObject({
      from: "user-03",
      to: "user-02",
    });
  });

  it("of one pair of users in several rounds become one, with all frames counted", () => {
    const findings = toFindings([leak(3, 1, 4), leak(3, 1, 2), leak(1, 3)], CONTEXT);

    expect(findings.map(({ title }) => title)).toEqual([
      "user-01 received 6 frames that belong to user-03",
      "user-03 received 1 frame that belongs to user-01",
    ]);
  });

  it("of a leak that no canary shows keep their own words", () => {
    const title = "user-01 received the answer to user-03";
    const shown = observe({ kind: "leak", from: "user-03", to: "user-01", title });

    expect(toFindings([shown], CONTEXT)[0]?.title).toBe(title);
  });

  it("of one kind become one, which counts the users whom it befell", () => {
    const findings = toFindings([loss(1), loss(2), loss(3), loss(1)], CONTEXT);

    expect(findings).toMatchObject([{ kind: "loss", occurrences: 4 }]);
    expect(findings[0]?.title).toContain("2 other users");
  });

  it("name at most 20 pairs, those of most frames first, and hide nothing else", () => {
    const leaks = Array.from({ length: 30 }, (_, to) =>
      observe({ kind: "leak", from: "user-99", to: `user-${to}`, occurrences: to + 1 }),
    );

    const findings = toFindings([...leaks, loss(1)], CONTEXT);

    expect(
      findings.filter(({ kind }) => kind === "leak").map(({ occurrences }) => occurrences),
    ).toEqual(Array.from({ length: 20 }, (_, place) => 30 - place));
    expect(findings.filter(({ kind }) => kind === "loss")).toHaveLength(1);
  });

  it("have the same id in every run, and another for another pair or check", () => {
    const idOf = (observation: SuiteObservation, check = "2.1") =>
      toFindings([observation], { ...CONTEXT, check })[0]?.id;

    expect(idOf(leak(3, 1, 4))).toMatch(/^wt-[0-9a-f]{6}$/);
    expect(idOf(leak(3, 1, 9))).toBe(idOf(leak(3, 1, 4)));
    expect(idOf(leak(1, 3))).not.toBe(idOf(leak(3, 1)));
    expect(idOf(leak(3, 1), "1.1")).not.toBe(idOf(leak(3, 1)));
  });

  it("say what to do and how to see it again", () => {
    const [finding] = toFindings([leak(3, 1)], CONTEXT);

    expect(finding).toMatchObject({ check: "2.1", replay: CONTEXT.replay, pattern: { seed: 7 } });
    expect(finding?.fix.page).toMatch(/^docs\/fixes\/.+\.md$/);
  });
});

describe("two leaks", () => {
  const isSwap = (observations: readonly SuiteObservation[]): boolean =>
    toFindings(observations, CONTEXT).some(({ kind }) => kind === "swap");

  it("both ways between users who each miss something are a swap", () => {
    expect(isSwap([leak(0, 1), leak(1, 0), loss(0), loss(1)])).toBe(true);
  });

  it.each([
    ["one way only", [leak(0, 1), loss(0), loss(1)]],
    ["between users of whom one misses nothing", [leak(0, 1), leak(1, 0), loss(0)]],
    ["among more than two users", [leak(0, 1), leak(1, 0), leak(2, 1), loss(0), loss(1)]],
  ])("%s are no swap", (_, observations) => {
    expect(isSwap(observations)).toBe(false);
    const leaksIn = (all: readonly { readonly kind: string }[]): number =>
      all.filter(({ kind }) => kind === "leak").length;
    expect(leaksIn(toFindings(observations, CONTEXT))).toBe(leaksIn(observations));
  });
});

describe("a holder", () => {
  const holder = (file: string): Holder => ({
    kind: "static",
    variable: "A.b",
    users: 2,
    path: "b",
    file,
  });
  const filesOf = (...files: readonly string[]) =>
    toFindings([observe({ heldIn: files.map(holder) })], CONTEXT).flatMap(({ heldIn }) =>
      heldIn.map(({ file }) => file),
    );

  it("below the user's folder is named from there", () => {
    expect(filesOf(join(FOLDER, "src", "a.ts"))).toEqual([join("src", "a.ts")]);
  });

  it("elsewhere keeps its whole path", () => {
    expect(filesOf(join("/", "other", "a.ts"))).toEqual([join("/", "other", "a.ts")]);
  });

  it("is told of the first observation that knows any", () => {
    const known = observe({ from: "user-00", to: "user-01", heldIn: [holder("/other/a.ts")] });
    const [finding] = toFindings([leak(0, 1), known], CONTEXT);

    expect(finding?.heldIn).toHaveLength(1);
  });
});
