import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import { createTicketText, readTicketOwner } from "../../src/session/ticket.ts";
import { SessionManagerBench } from "./session-manager-bench.ts";

/** A ticket of the user, for whatever `details` say. */
async function issue(
  { manager, alice }: SessionManagerBench,
  details: Parameters<typeof manager.issueTicket>[1] = {},
): Promise<string> {
  const issued = await manager.issueTicket(alice, details);
  if (issued === undefined) throw new Error("expected a ticket");
  return issued.ticket;
}

describe("a ticket", () => {
  it("lets its user in, with what it was issued for, once", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const { sessionId } = await manager.create(alice);
    const scopes = ["read"];
    const ticket = await issue(bench, { sessionId, expiresAt: 5000, scopes });
    scopes.push("write");

    const redeemed = await manager.redeemTicket(ticket);

    expect(redeemed).toEqual({ user: alice, sessionId, expiresAt: 5000, scopes: ["read"] });
    expect(Object.isFrozen(redeemed) && Object.isFrozen(redeemed?.scopes)).toBe(true);
    expect(await manager.redeemTicket(ticket)).toBeUndefined();
  });

  it("lets in one of many who bring it at once, on any node", async () => {
    await using bench = new SessionManagerBench();
    await using other = bench.otherNode();
    const ticket = await issue(bench);

    const letIn = await Promise.all(
      [bench, other, bench, other].map(({ manager }) => manager.redeemTicket(ticket)),
    );

    expect(letIn.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it("is good for 29 of 30 milliseconds and not for the thirtieth", async () => {
    await using bench = new SessionManagerBench();
    const [young, old] = [await issue(bench), await issue(bench)];

    bench.now += 29;
    expect(await bench.manager.redeemTicket(young)).toBeDefined();
    bench.now += 1;

    expect(await bench.manager.redeemTicket(old)).toBeUndefined();
  });

  it("does not outlive the proof that it was issued for, and is not issued for an expired one", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;

    expect(await manager.issueTicket(alice, { expiresAt: 1010 })).toMatchObject({
      expiresAt: 1010,
    });
    expect(await manager.issueTicket(alice, { expiresAt: 9999 })).toMatchObject({
      expiresAt: 1030,
    });
    for (const expiresAt of [1000, 0, Number.NaN]) {
      expect(await manager.issueTicket(alice, { expiresAt })).toBeUndefined();
    }
    const ticket = await issue(bench, { expiresAt: 1010 });
    bench.now += 10;
    expect(await manager.redeemTicket(ticket)).toBeUndefined();
  });

  it("is issued for the user's own live session and for no other", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, bob } = bench;
    const { sessionId } = await manager.create(bob);

    expect(await manager.issueTicket(alice, { sessionId })).toBeUndefined();
    expect(await manager.issueTicket(alice, { sessionId: "never was" })).toBeUndefined();
    expect(await manager.issueTicket(bob, { sessionId })).toBeDefined();
  });

  it("is void once its session is revoked; the user's others are not", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice } = bench;
    const [one = "", two = ""] = await bench.begin(alice, 2);
    const bound = await issue(bench, { sessionId: one });
    const [other, free] = [await issue(bench, { sessionId: two }), await issue(bench)];

    await manager.revoke(alice, one);

    expect(await manager.redeemTicket(bound)).toBeUndefined();
    expect(await manager.redeemTicket(other)).toBeDefined();
    expect(await manager.redeemTicket(free)).toBeDefined();
  });

  it("is void once its user is signed out everywhere, even one without a session", async () => {
    await using bench = new SessionManagerBench();
    const ticket = await issue(bench);
    const foreign = await bench.manager.issueTicket(bench.bob);

    await bench.manager.revokeAll(bench.alice);

    expect(await bench.manager.redeemTicket(ticket)).toBeUndefined();
    expect(await bench.manager.redeemTicket(foreign?.ticket ?? "")).toBeDefined();
  });

  it("too many of a user void the oldest", async () => {
    await using bench = new SessionManagerBench();
    const tickets: string[] = [];
    for (let i = 0; i < 4; i += 1) tickets.push(await issue(bench));

    const letIn = [];
    for (const ticket of tickets) letIn.push(await bench.manager.redeemTicket(ticket));

    expect(letIn.map((one) => one !== undefined)).toEqual([false, true, true, true]);
  });

  it("is kept as a hash only: no store ever sees its text", async () => {
    const seen: unknown[] = [];
    await using bench = new SessionManagerBench();
    const { store } = bench;
    const add = store.addTicket.bind(store);
    store.addTicket = (user, ticket, terms) => {
      seen.push(ticket);
      return add(user, ticket, terms);
    };

    const ticket = await issue(bench);

    expect(seen).toMatchObject([{ hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string }]);
    expect(JSON.stringify(seen)).not.toContain(ticket.split(".")[1]);
  });

  it("that nobody brings is forgotten by a sweep, and its user with it", async () => {
    await using bench = new SessionManagerBench();
    const { manager, alice, store } = bench;
    let asked = 0;
    const list = store.list.bind(store);
    store.list = (user, terms) => {
      asked += 1;
      return list(user, terms);
    };
    await manager.issueTicket(alice);

    await manager.expire();
    expect(asked).toBe(0);
    bench.now += 30;
    await manager.expire();
    await manager.expire();

    expect(asked).toBe(1);
  });
});

const id = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((text) => {
  return text.length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(text);
});

describe("the text of a ticket", () => {
  it("names its owner, whatever the ids are made of", () => {
    fc.assert(
      fc.property(id, id, (tenantId, userId) => {
        const user = createUserContext({ tenantId, userId });
        const text = createTicketText(user);
        expect(readTicketOwner(text)).toEqual(user);
        expect(encodeURIComponent(text)).toBe(text);
        expect(createTicketText(user)).not.toBe(text);
      }),
    );
    const longest = createUserContext({ tenantId: "中".repeat(256), userId: "中".repeat(256) });
    expect(readTicketOwner(createTicketText(longest))).toEqual(longest);
  });

  it("altered anywhere, or made up, lets nobody in; unaltered it still does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.constantFrom("A", "B", "a", "b", "0", "1", "-", "_", ".", "=", "%", ":", " "),
        fc.constantFrom("replace", "insert", "cut"),
        async (place, letter, how) => {
          await using bench = new SessionManagerBench();
          const ticket = await issue(bench);
          const i = place % ticket.length;
          const put = how === "cut" ? "" : letter;
          const altered = ticket.slice(0, i) + put + ticket.slice(how === "insert" ? i : i + 1);
          fc.pre(altered !== ticket);

          expect(await bench.manager.redeemTicket(altered)).toBeUndefined();
          expect(await bench.manager.redeemTicket(ticket)).toEqual({ user: bench.alice });
        },
      ),
      { numRuns: 200 },
    );
  });

  it("has one spelling: another one of the same owner lets nobody in", async () => {
    await using bench = new SessionManagerBench();
    const [owner = "", secret] = (await issue(bench)).split(".");
    const same = [...Array(64).keys()]
      .map(
        (i) =>
          owner.slice(0, -1) +
          Buffer.from([i * 4])
            .toString("base64url")
            .charAt(0),
      )
      .filter((text) => text !== owner)
      .filter((text) => readTicketOwner(`${text}.${secret}`)?.key === bench.alice.key);

    expect(same.length).toBeGreaterThan(0);
    for (const text of same) {
      expect(await bench.manager.redeemTicket(`${text}.${secret}`)).toBeUndefined();
    }
  });

  it.each(["default:alice:x", "%64efault:alice", "default", "default:alice "])(
    "names nobody if its owner is no key of a user: %s",
    (key) => {
      const [, secret = ""] = createTicketText(createUserContext({ userId: "alice" })).split(".");
      const text = (owner: string): string =>
        `${Buffer.from(owner).toString("base64url")}.${secret}`;

      expect(readTicketOwner(text(key))).toBeUndefined();
      expect(readTicketOwner(text("default:alice"))).toMatchObject({ userId: "alice" });
    },
  );

  it("with another's name before the secret lets in neither of the two", async () => {
    await using bench = new SessionManagerBench();
    const secret = (await issue(bench)).split(".")[1] ?? "";
    const owner = createTicketText(bench.bob).split(".")[0] ?? "";

    expect(await bench.manager.redeemTicket(`${owner}.${secret}`)).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["a dot", "."],
    ["no owner", `.${"a".repeat(43)}`],
    ["no secret", `${Buffer.from("default:alice").toString("base64url")}.`],
    ["three parts", `${Buffer.from("a:b:c").toString("base64url")}.${"a".repeat(43)}`],
    ["no user", `${Buffer.from("default:").toString("base64url")}.${"a".repeat(43)}`],
    ["a broken escape", `${Buffer.from("default:%zz").toString("base64url")}.${"a".repeat(43)}`],
    ["control characters", `${Buffer.from("a:%00").toString("base64url")}.${"a".repeat(43)}`],
    ["a megabyte", `${"a".repeat(1_000_000)}.${"a".repeat(43)}`],
    ["no text", undefined as never],
    ["a list", ["x"] as never],
  ])("of %s lets nobody in", async (_, text) => {
    await using bench = new SessionManagerBench();

    expect(await bench.manager.redeemTicket(text)).toBeUndefined();
  });
});

const step = fc.record({
  do: fc.constantFrom("issue", "redeem", "redeem twice at once", "revoke", "sign out", "wait"),
  owner: fc.constantFrom("alice" as const, "bob" as const),
  isBound: fc.boolean(),
  which: fc.nat(8),
  ms: fc.constantFrom(1, 14, 15, 29, 30),
});

/** A ticket as the model knows it. */
interface ModelTicket {
  readonly owner: "alice" | "bob";
  readonly ticket: string;
  readonly validUntil: number;
  readonly sessionId: string | undefined;
  isVoid: boolean;
}

describe("any sequence of issuing, redeeming, waiting and signing out", () => {
  it("lets in who the model says, as themselves, and each ticket once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        await using bench = new SessionManagerBench({ idleMs: 100_000, maxAgeMs: 100_000 });
        const { manager } = bench;
        const [alice] = await bench.begin(bench.alice, 1);
        const [bob] = await bench.begin(bench.bob, 1);
        const session: Record<string, string | undefined> = { alice, bob };
        const all: ModelTicket[] = [];
        const isGood = (one: ModelTicket): boolean => !one.isVoid && bench.now < one.validUntil;
        for (const { do: what, owner, isBound, which, ms } of steps) {
          const chosen = all[which % Math.max(1, all.length)];
          const mine = all.filter((one) => one.owner === owner);
          if (what === "wait") bench.now += ms;
          if (what === "issue") {
            const sessionId = isBound ? session[owner] : undefined;
            const details = sessionId === undefined ? {} : { sessionId };
            const issued = await manager.issueTicket(bench[owner], details);
            const validUntil = bench.now + 30;
            for (const one of mine.filter(isGood).slice(0, -2)) one.isVoid = true;
            all.push({ owner, ticket: issued?.ticket ?? "", validUntil, sessionId, isVoid: false });
          }
          if (what === "revoke" && session[owner] !== undefined) {
            await manager.revoke(bench[owner], session[owner]);
            session[owner] = undefined;
            for (const one of mine) one.isVoid ||= one.sessionId !== undefined;
          }
          if (what === "sign out") {
            await manager.revokeAll(bench[owner]);
            session[owner] = undefined;
            for (const one of mine) one.isVoid = true;
          }
          if (what.startsWith("redeem") && chosen !== undefined) {
            const times = what === "redeem" ? 1 : 2;
            const letIn = await Promise.all(
              Array.from({ length: times }, () => manager.redeemTicket(chosen.ticket)),
            );
            const { sessionId } = chosen;
            const expected = { user: bench[chosen.owner], ...(sessionId && { sessionId }) };
            expect(letIn.filter(Boolean)).toEqual(isGood(chosen) ? [expected] : []);
            chosen.isVoid = true;
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
