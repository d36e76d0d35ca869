import fc from "fast-check";
import { expect, it } from "vitest";
import { SessionManagerBench } from "./session-manager-bench.ts";

const IDLE = 100;
const AGE = 1000;
const MAX = 3;

/** A session as the model knows it: no tables by user, no sweeps, just a list. */
interface ModelSession {
  readonly id: string;
  readonly owner: "alice" | "bob";
  readonly createdAt: number;
  touchedAt: number;
  isHeld: boolean;
}

/** The same promises in the simplest words that there are for them. */
class SessionModel {
  sessions: ModelSession[] = [];
  now = 1000;
  #count = 0;

  of(owner: string): ModelSession[] {
    this.sessions = this.sessions.filter(
      (s) => this.now - s.createdAt < AGE && (s.isHeld || this.now - s.touchedAt < IDLE),
    );
    return this.sessions.filter((s) => s.owner === owner);
  }

  create(owner: "alice" | "bob"): string {
    const mine = this.of(owner);
    const [idlest] = mine.some((s) => !s.isHeld)
      ? mine.filter((s) => !s.isHeld).toSorted((a, b) => a.touchedAt - b.touchedAt)
      : mine;
    if (mine.length >= MAX) this.sessions = this.sessions.filter((s) => s !== idlest);
    const id = `session-${(this.#count += 1)}`;
    const { now } = this;
    this.sessions.push({ id, owner, createdAt: now, touchedAt: now, isHeld: false });
    return id;
  }
}

const owner = fc.constantFrom("alice" as const, "bob" as const);
const step = fc.oneof(
  fc.record({ do: fc.constant("create" as const), owner }),
  fc.record({
    do: fc.constantFrom("touch", "revoke", "hold", "leave", "leave everywhere"),
    owner,
    which: fc.nat(5),
  }),
  fc.record({
    do: fc.constant("wait" as const),
    ms: fc.constantFrom(1, 49, 50, 99, 100, 400),
  }),
  fc.record({ do: fc.constant("sweep" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type StepOnOne = Extract<Step, { which: number }>;

/** Manager and model side by side; every answer of the one must be the other's. */
class Comparison {
  readonly bench = new SessionManagerBench({ idleMs: IDLE, maxAgeMs: AGE });
  readonly model = new SessionModel();
  readonly #held = new Map<string, () => void>();
  readonly #issued: string[] = [];

  async take(next: Step): Promise<void> {
    if (next.do === "wait") {
      this.model.now += next.ms;
      this.bench.now += next.ms;
    } else if (next.do === "sweep") await this.bench.manager.expire();
    else if (next.do === "create") {
      const { sessionId } = await this.bench.manager.create(this.bench[next.owner]);
      expect(sessionId).toBe(this.model.create(next.owner));
      this.#issued.push(sessionId);
    } else await this.#act(next);
    for (const name of ["alice", "bob"] as const) {
      expect(await this.bench.ids(this.bench[name])).toEqual(
        this.model.of(name).map(({ id }) => id),
      );
    }
  }

  /** On any session that ever was, of anybody: who asks in vain must be told the same. */
  async #act(next: StepOnOne): Promise<void> {
    const { manager } = this.bench;
    const user = this.bench[next.owner];
    const id = this.#issued[next.which % Math.max(1, this.#issued.length)] ?? "never was";
    const mine = this.model.of(next.owner).find((s) => s.id === id);
    switch (next.do) {
      case "touch":
        expect(await manager.touch(user, id)).toBe(mine !== undefined);
        if (mine !== undefined) mine.touchedAt = this.model.now;
        return;
      case "revoke":
        expect(await manager.revoke(user, id)).toBe(mine !== undefined);
        this.model.sessions = this.model.sessions.filter((s) => s !== mine);
        return;
      case "leave everywhere":
        expect(await manager.revokeAll(user)).toBe(this.model.of(next.owner).length);
        this.model.sessions = this.model.sessions.filter((s) => s.owner !== next.owner);
        return;
      case "hold":
        return mine?.isHeld === true ? undefined : this.#hold(id, mine, manager.attach(user, id));
      case "leave":
        if (mine?.isHeld !== true) return;
        this.#held.get(id)?.();
        Object.assign(mine, { isHeld: false, touchedAt: this.model.now });
    }
  }

  #hold(id: string, mine: ModelSession | undefined, detach: (() => void) | undefined): void {
    expect(detach === undefined).toBe(mine === undefined);
    if (mine === undefined || detach === undefined) return;
    mine.isHeld = true;
    this.#held.set(id, detach);
  }
}

it("any sequence of operations leaves each user the sessions that the model says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const comparison = new Comparison();
      await using _ = comparison.bench;
      for (const next of steps) await comparison.take(next);
    }),
    { numRuns: 200 },
  );
});
