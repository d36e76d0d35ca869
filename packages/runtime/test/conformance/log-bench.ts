import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import type {
  EventLog,
  NewRecord,
  Retention,
  UserEventLog,
} from "../../src/event-log/event-log.ts";

/** What the suite asks of a store besides the contract. */
export interface TestedLog extends EventLog {
  sweep(): void | Promise<void>;
}

export interface TestedOptions {
  readonly retention?: Retention;
  readonly now: () => number;
}

/** How the suite gets stores of a driver; one that outlives its process says how it is opened again. */
export interface LogPlace extends AsyncDisposable {
  open(options: TestedOptions): TestedLog;
  readonly outlives: boolean;
}

/** A store with a clock by hand. */
export class LogBench implements AsyncDisposable {
  readonly place: LogPlace;
  readonly retention: Retention;
  now = 1_000_000;
  log: TestedLog;

  constructor(place: LogPlace, retention: Retention = {}) {
    this.place = place;
    this.retention = retention;
    this.log = this.#open();
  }

  open(userId: string): Promise<UserEventLog> {
    return this.log.open(userOf(userId));
  }

  /** As often as it takes to have seen each of a few logs. */
  async sweep(): Promise<void> {
    for (let times = 0; times < 3; times += 1) await this.log.sweep();
  }

  async reopen(): Promise<void> {
    await this.log[Symbol.asyncDispose]();
    this.log = this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]();
    await this.place[Symbol.asyncDispose]();
  }

  #open(): TestedLog {
    return this.place.open({ retention: this.retention, now: () => this.now });
  }
}

export function userOf(userId: string, tenantId = "tenant"): UserContext {
  return createUserContext({ tenantId, userId });
}

export function event(frame: string, runId = "run"): NewRecord {
  return { kind: "event", threadId: "thread", runId, frame };
}

export function begin(runId: string, frame = "begin"): NewRecord {
  return { kind: "begin", threadId: "thread", runId, agentName: "agent", frame };
}

export function end(runId: string, frame = "end"): NewRecord {
  return { kind: "end", threadId: "thread", runId, frame };
}

export const PAGE = Object.freeze({ maxRecords: 10_000, maxBytes: 1_000_000_000 });

/** The frames after a number. */
export async function framesOf(log: UserEventLog, after = log.first - 1): Promise<string[]> {
  return (await log.read(after, PAGE)).map(({ frame }) => frame);
}

/** What a promise was rejected with, as a code; `undefined` if it was not. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
