import fc from "fast-check";
import { expect, it } from "vitest";
import type { LoggedRun, NewRecord, UserEventLog } from "../../src/event-log/event-log.ts";
import { codeOf, LogBench, type LogPlace, PAGE, userOf } from "./log-bench.ts";

const RETENTION = { maxRecords: 6, maxBytes: 40, maxAgeMs: 100 };

interface Kept {
  readonly seq: number;
  readonly frame: string;
  readonly time: number;
}

/** One user's log in the simplest words that there are for it. */
class LogModel {
  kept: Kept[] = [];
  runs: LoggedRun[] = [];
  last = 0;

  get first(): number {
    return this.last - this.kept.length + 1;
  }

  append(records: readonly NewRecord[], time: number): boolean {
    const begun = records.flatMap(({ kind, runId }) => (kind === "begin" ? [runId] : []));
    const known = this.runs.map(({ runId }) => runId);
    if (new Set([...known, ...begun]).size < known.length + begun.length) return false;
    for (const record of records) {
      const { threadId, runId, frame } = record;
      const seq = (this.last += 1);
      this.kept.push({ seq, frame, time });
      if (record.kind === "begin") {
        const { agentName } = record;
        this.runs.push({ runId, threadId, agentName, firstSeq: seq, lastSeq: undefined });
      } else if (record.kind === "end") {
        this.runs = this.runs.map((run) =>
          run.runId === runId && run.lastSeq === undefined ? { ...run, lastSeq: seq } : run,
        );
      }
    }
    this.trim(time);
    return true;
  }

  trim(now: number): void {
    const bytes = (): number => this.kept.reduce((sum, { frame }) => sum + frame.length, 0);
    while (
      this.kept.length > 1 &&
      (this.kept.length > RETENTION.maxRecords || bytes() > RETENTION.maxBytes)
    ) {
      this.kept.shift();
    }
    this.kept = this.kept.filter(({ time }) => now - time <= RETENTION.maxAgeMs);
    this.runs = this.runs.filter(({ lastSeq = Infinity }) => lastSeq >= this.first);
  }
}

const owner = fc.constantFrom("alice" as const, "bob" as const);
const record = fc.record({
  kind: fc.constantFrom("begin" as const, "event" as const, "event" as const, "end" as const),
  runId: fc.constantFrom("r1", "r2", "r3", "r4", "r5"),
  size: fc.nat(12),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      owner,
      records: fc.array(record, { maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("open" as const, "close" as const, "erase" as const),
      owner,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 50, 51, 101) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Log and model side by side; every answer of the one must be the other's. */
class Comparison {
  readonly bench: LogBench;
  readonly #models = new Map<string, LogModel>();
  readonly #handles = new Map<string, UserEventLog>();
  readonly #epochs = new Map<string, string>();
  /** When somebody last came to a log, or left it. */
  readonly #usedAt = new Map<string, number>();
  #count = 0;

  constructor(place: LogPlace) {
    this.bench = new LogBench(place, RETENTION);
  }

  async take(next: Step): Promise<void> {
    const { bench } = this;
    if (next.do === "append") await this.#append(next.owner, next.records);
    else if (next.do === "open") await this.#open(next.owner);
    else if (next.do === "close") {
      await this.#handles.get(next.owner)?.close();
      if (this.#handles.delete(next.owner)) this.#usedAt.set(next.owner, bench.now);
    } else if (next.do === "erase") {
      await bench.log.erase(userOf(next.owner));
      this.#forget(next.owner);
      this.#handles.delete(next.owner);
    } else if (next.do === "wait") {
      bench.now += next.ms;
      await bench.sweep();
      for (const model of this.#models.values()) model.trim(bench.now);
      for (const [name, { kept, last }] of this.#models) {
        if (kept.length > 0 || this.#handles.has(name)) continue;
        const isMissed =
          last === 0 && bench.now - (this.#usedAt.get(name) ?? 0) <= RETENTION.maxAgeMs;
        if (!isMissed) this.#forget(name);
      }
    } else if (bench.place.outlives) {
      await bench.reopen();
      this.#handles.clear();
    }
    for (const [name, handle] of this.#handles) await this.#compare(handle, this.#modelOf(name));
  }

  async #append(
    name: string,
    parts: readonly { kind: NewRecord["kind"]; runId: string; size: number }[],
  ): Promise<void> {
    const handle = this.#handles.get(name) ?? (await this.#open(name));
    const records = parts.map(({ kind, runId, size }): NewRecord => {
      const common = {
        threadId: `t-${runId}`,
        runId,
        frame: `${(this.#count += 1)}`.padEnd(size, "."),
      };
      return kind === "begin" ? { kind, agentName: "agent", ...common } : { kind, ...common };
    });
    const model = this.#modelOf(name);
    const firstSeq = model.last + 1;
    const code = await codeOf(handle.append(records).then((seq) => expect(seq).toBe(firstSeq)));
    expect(code).toBe(model.append(records, this.bench.now) ? undefined : "WT_RUN_CONFLICT");
  }

  async #open(name: string): Promise<UserEventLog> {
    const handle = await this.bench.open(name);
    this.#handles.set(name, handle);
    this.#usedAt.set(name, this.bench.now);
    const epoch = this.#epochs.get(name);
    if (epoch !== undefined && this.#models.has(name)) expect(handle.epoch).toBe(epoch);
    else expect(handle.epoch).not.toBe(epoch);
    this.#epochs.set(name, handle.epoch);
    this.#modelOf(name);
    return handle;
  }

  #modelOf(name: string): LogModel {
    const model = this.#models.get(name) ?? new LogModel();
    this.#models.set(name, model);
    return model;
  }

  #forget(name: string): void {
    this.#models.delete(name);
  }

  async #compare(log: UserEventLog, model: LogModel): Promise<void> {
    expect([log.first, log.last]).toEqual([model.first, model.last]);
    expect(await log.runs()).toEqual(model.runs);
    for (let after = Math.max(0, model.first - 2); after <= model.last; after += 1) {
      if (after < model.first - 1) {
        expect(await codeOf(log.read(after, PAGE))).toBe("WT_LOG_TRIMMED");
        continue;
      }
      const read = (await log.read(after, PAGE)).map(({ seq, frame }) => [seq, frame]);
      const kept = model.kept.filter(({ seq }) => seq > after);
      expect(read).toEqual(kept.map(({ seq, frame }) => [seq, frame]));
    }
  }
}

export function describeLogModel(createPlace: () => LogPlace): void {
  it("in any order leaves each user the log that the model says", async () => {
    const place = createPlace();
    // A store that outlives its process costs more to open.
    const numRuns = place.outlives ? 40 : 150;
    await place[Symbol.asyncDispose]();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const comparison = new Comparison(createPlace());
        await using _ = comparison.bench;
        for (const next of steps) await comparison.take(next);
      }),
      { numRuns },
    );
  }, 30_000);
}
