import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import type {
  SessionsAnswer,
  SessionStore,
  SessionTerms,
  StoredTicket,
} from "../../src/session/session-store.ts";

const alice = createUserContext({ userId: "alice" });
/** The same user id in another tenant: another user. */
const elsewhere = createUserContext({ tenantId: "acme", userId: "alice" });

const TERMS: SessionTerms = Object.freeze({
  now: 1000,
  idleMs: 100,
  maxAgeMs: 1000,
  maxSessions: 3,
  maxTickets: 3,
  held: [],
});
const at = (now: number, ...held: string[]): SessionTerms => ({ ...TERMS, now, held });
const ids = ({ live }: SessionsAnswer): readonly string[] => live.map((one) => one.sessionId);
const ticket = (hash: string, details: Partial<StoredTicket> = {}): StoredTicket => {
  const { issuedAt = 1000 } = details;
  return { hash, issuedAt, validUntil: issuedAt + 30, ...details };
};

/** What every store of sessions promises. `open` makes an empty one. */
export function describeSessionStore(name: string, open: () => Promise<SessionStore>): void {
  const test = (promise: string, check: (store: SessionStore) => Promise<void>): void =>
    it(promise, async () => {
      await using store = await open();
      await check(store);
    });
  const begin = async (store: SessionStore, ...names: string[]): Promise<void> => {
    for (const [i, sessionId] of names.entries()) {
      await store.create(alice, { sessionId }, at(1000 + i));
    }
  };

  describe(`sessions in ${name}`, () => {
    test("are kept as they were begun, oldest first, whichever was touched last", async (store) => {
      await store.create(alice, { sessionId: "one", device: "desk" }, at(1000));
      await store.create(alice, { sessionId: "two" }, at(1001));

      const { live, ended } = await store.touch(alice, ["one", "never was"], at(1002));

      expect(live).toEqual([
        { sessionId: "one", createdAt: 1000, touchedAt: 1002, device: "desk" },
        { sessionId: "two", createdAt: 1001, touchedAt: 1001 },
      ]);
      expect(ended).toEqual([]);
    });

    test("belong to their user: to another they are as unknown as any", async (store) => {
      await begin(store, "one");
      await store.addTicket(alice, ticket("hash"), at(1000));

      for (const change of [
        store.touch(elsewhere, ["one"], at(1020)),
        store.end(elsewhere, "one", at(1020)),
        store.list(elsewhere, at(1020)),
        store.endAll(elsewhere, at(1020)),
      ]) {
        expect(await change).toEqual({ live: [], ended: [] });
      }
      expect(await store.takeTicket(elsewhere, "hash", at(1001))).toBeUndefined();
      const { live } = await store.list(alice, at(1020));
      expect(live).toEqual([{ sessionId: "one", createdAt: 1000, touchedAt: 1000 }]);
      expect(await store.takeTicket(alice, "hash", at(1001))).toMatchObject({ hash: "hash" });
    });

    test("with the same id are two if they are two users'", async (store) => {
      await begin(store, "one");
      await store.create(elsewhere, { sessionId: "one" }, at(1000));

      await store.end(alice, "one", at(1001));

      expect(ids(await store.list(elsewhere, at(1001)))).toEqual(["one"]);
    });

    test("number n at most: n stay, and one more replaces the one touched longest ago", async (store) => {
      await begin(store, "one", "two");
      expect(await store.create(alice, { sessionId: "three" }, at(1010))).toMatchObject({
        ended: [],
      });
      await store.touch(alice, ["one"], at(1020));

      const answer = await store.create(alice, { sessionId: "four" }, at(1030));

      expect(ids(answer)).toEqual(["one", "three", "four"]);
      expect(answer.ended).toEqual([{ sessionId: "two", cause: "replaced" }]);
    });

    test("make room for as many as a lowered limit asks for", async (store) => {
      await begin(store, "one", "two", "three");

      const answer = await store.create(
        alice,
        { sessionId: "four" },
        { ...at(1010), maxSessions: 1 },
      );

      expect(ids(answer)).toEqual(["four"]);
      expect(answer.ended).toHaveLength(3);
    });

    test("are replaced only if not held, and if all are held, the oldest is", async (store) => {
      await begin(store, "one", "two", "three");

      const { ended } = await store.create(alice, { sessionId: "four" }, at(1010, "one", "two"));
      const held = at(1020, "one", "two", "four");
      const { ended: then } = await store.create(alice, { sessionId: "five" }, held);

      expect(ended).toEqual([{ sessionId: "three", cause: "replaced" }]);
      expect(then).toEqual([{ sessionId: "one", cause: "replaced" }]);
    });

    test("never exceed the limit, though all begin at once", async (store) => {
      const names = ["1", "2", "3", "4", "5", "6", "7", "8"];

      const answers = await Promise.all(
        names.map((sessionId) => store.create(alice, { sessionId }, at(1000))),
      );

      for (const { live } of answers) expect(live.length).toBeLessThanOrEqual(3);
      const ended = answers.flatMap((answer) => answer.ended.map(({ sessionId }) => sessionId));
      const { live } = await store.list(alice, at(1000));
      expect([...ended, ...live.map(({ sessionId }) => sessionId)].toSorted()).toEqual(names);
      expect(live).toHaveLength(3);
    });

    test("expire after their idle time, not a millisecond before, unless they are held", async (store) => {
      await begin(store, "one");

      expect(ids(await store.list(alice, at(1099)))).toEqual(["one"]);
      expect(ids(await store.list(alice, at(1100, "one")))).toEqual(["one"]);
      expect(await store.touch(alice, ["one"], at(1100))).toEqual({
        live: [],
        ended: [{ sessionId: "one", cause: "expired" }],
      });
    });

    test("expire at their age, held and touched or not", async (store) => {
      await begin(store, "one");

      expect(ids(await store.touch(alice, ["one"], at(1999, "one")))).toEqual(["one"]);
      expect((await store.touch(alice, ["one"], at(2000, "one"))).ended).toEqual([
        { sessionId: "one", cause: "expired" },
      ]);
    });

    test("end once: who ends one again, or one that is over, hears of no revocation", async (store) => {
      await begin(store, "one", "two");

      const revoked = await store.end(alice, "one", at(1050));
      const again = await store.end(alice, "one", at(1050));
      const late = await store.end(alice, "two", at(1500));

      expect(revoked.ended).toEqual([{ sessionId: "one", cause: "revoked" }]);
      expect(again).toMatchObject({ live: [{ sessionId: "two" }], ended: [] });
      expect(late.ended).toEqual([{ sessionId: "two", cause: "expired" }]);
    });

    test("end all at once, and with them everything of the user", async (store) => {
      await begin(store, "one", "two");
      await store.addTicket(alice, ticket("hash"), at(1001));
      await store.create(elsewhere, { sessionId: "one" }, at(1001));

      const { live, ended } = await store.endAll(alice, at(1002));

      expect(live).toEqual([]);
      expect(ended.map(({ sessionId, cause }) => `${sessionId} ${cause}`).toSorted()).toEqual([
        "one revoked",
        "two revoked",
      ]);
      expect(await store.takeTicket(alice, "hash", at(1003))).toBeUndefined();
      expect(ids(await store.list(elsewhere, at(1003)))).toEqual(["one"]);
    });

    test("outlive a clock that was put back, but not by more than their time", async (store) => {
      await store.create(alice, { sessionId: "one" }, at(1_000_000));

      expect(ids(await store.list(alice, at(1000)))).toEqual(["one"]);
      expect(ids(await store.list(alice, at(1099)))).toEqual(["one"]);
      expect((await store.list(alice, at(1100))).ended).toHaveLength(1);

      await store.create(alice, { sessionId: "two" }, at(1_000_000));
      await store.list(alice, at(1000));
      expect((await store.touch(alice, ["two"], at(2000, "two"))).ended).toHaveLength(1);
    });
  });

  describe(`tickets in ${name}`, () => {
    test("are handed out once, with all that was kept, though everybody asks at once", async (store) => {
      const details = { proofExpiresAt: 5000, scopes: ["read"], sessionId: "one" };
      await begin(store, "one");
      await store.addTicket(alice, ticket("hash", details), at(1000));

      const taken = await Promise.all(
        Array.from({ length: 5 }, () => store.takeTicket(alice, "hash", at(1001))),
      );

      expect(taken.filter((one) => one !== undefined)).toEqual([ticket("hash", details)]);
      expect(await store.takeTicket(alice, "hash", at(1001))).toBeUndefined();
      expect(await store.takeTicket(alice, "never was", at(1001))).toBeUndefined();
    });

    test("are good until their time is over, not at it", async (store) => {
      for (const hash of ["a", "b"]) await store.addTicket(alice, ticket(hash), at(1000));

      expect(await store.takeTicket(alice, "a", at(1029))).toBeDefined();
      expect(await store.takeTicket(alice, "b", at(1030))).toBeUndefined();
    });

    test("number n at most: one more voids the oldest, and no other user's", async (store) => {
      await store.addTicket(elsewhere, ticket("0"), at(1000));
      for (const hash of ["1", "2", "3", "4"]) {
        await store.addTicket(alice, ticket(hash), at(1000));
      }

      const taken = await Promise.all(
        ["1", "2", "3", "4"].map((hash) => store.takeTicket(alice, hash, at(1001))),
      );

      expect(taken.map((one) => one?.hash)).toEqual([undefined, "2", "3", "4"]);
      expect(await store.takeTicket(elsewhere, "0", at(1001))).toBeDefined();
    });

    const endings: Readonly<Record<string, (store: SessionStore) => Promise<unknown>>> = {
      revoked: (store) => store.end(alice, "one", at(1001)),
      replaced: (store) => store.create(alice, { sessionId: "n" }, { ...at(1001), maxSessions: 1 }),
      expired: (store) => store.list(alice, at(1150)),
    };
    for (const [cause, end] of Object.entries(endings)) {
      test(`are void with the session that they open, if it was ${cause}`, async (store) => {
        const lasting = { validUntil: 3000, issuedAt: 1000 };
        await begin(store, "one");
        await store.addTicket(alice, ticket("bound", { ...lasting, sessionId: "one" }), at(1000));
        await store.addTicket(alice, ticket("free", lasting), at(1000));

        await end(store);

        // Also if a session of that name begins anew.
        await store.create(alice, { sessionId: "one" }, at(1151));
        expect(await store.takeTicket(alice, "bound", at(1152))).toBeUndefined();
        expect(await store.takeTicket(alice, "free", at(1152))).toBeDefined();
      });
    }

    test("are void with a session whose time has come, before anybody noticed", async (store) => {
      const details = { issuedAt: 1000, validUntil: 3000, sessionId: "one" };
      await begin(store, "one");
      for (const hash of ["a", "b"]) await store.addTicket(alice, ticket(hash, details), at(1000));

      expect(await store.takeTicket(alice, "a", at(1100, "one"))).toBeDefined();
      expect(await store.takeTicket(alice, "b", at(1100))).toBeUndefined();
    });

    test("are not kept for a session that is not there", async (store) => {
      const { live } = await store.addTicket(alice, ticket("a", { sessionId: "x" }), at(1000));
      await store.create(alice, { sessionId: "x" }, at(1001));

      expect(live).toEqual([]);
      expect(await store.takeTicket(alice, "a", at(1002))).toBeUndefined();
    });

    test("are void after a clock was put back by more than their time", async (store) => {
      for (const hash of ["a", "b"]) await store.addTicket(alice, ticket(hash), at(1000));

      expect(await store.takeTicket(alice, "a", at(970))).toBeDefined();
      expect(await store.takeTicket(alice, "b", at(969))).toBeUndefined();
    });
  });
}
