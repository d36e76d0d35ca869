import type { UserContext } from "../../src/context/user-context.ts";
import type { EventLog, NewRecord, Sharing, UserEventLog } from "../../src/event-log/event-log.ts";

/** A real log whose disk the test can fill, or make slow. */
export class FaultyEventLog implements EventLog {
  readonly #log: EventLog;
  /** What opening rejects with, as long as it is set. */
  openFailure: Error | undefined;
  /** What appending rejects with, as long as it is set. */
  appendFailure: Error | undefined;
  /** What every append waits for. */
  pace: Promise<void> = Promise.resolve();
  /** What the answer to every append waits for, when it is written already. */
  answerPace: Promise<void> | undefined;
  appends = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  async open(user: UserContext, sharing?: Sharing): Promise<UserEventLog> {
    if (this.openFailure !== undefined) throw this.openFailure;
    const log = await this.#log.open(user, sharing);
    const append = (records: readonly NewRecord[]) => this.#append(log, records);
    return new Proxy(log, {
      get: (target, key) => {
        if (key === "append") return append;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  erase(user: UserContext): Promise<void> {
    return this.#log.erase(user);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#log[Symbol.asyncDispose]());
  }

  async #append(log: UserEventLog, records: readonly NewRecord[]): Promise<number> {
    this.appends += 1;
    await this.pace;
    if (this.appendFailure !== undefined) throw this.appendFailure;
    const first = await log.append(records);
    if (this.answerPace !== undefined) await this.answerPace;
    return first;
  }
}
