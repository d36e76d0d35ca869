import { setMaxListeners } from "node:events";
import type { CanaryBook } from "../canary.ts";
import type { Received } from "../received.ts";
import { type Credentials, SimulatedUser, type UserIdentity } from "./simulated-user.ts";

/** Paces the users' tasks; a pattern's `schedule`. */
export type Schedule = (
  tasks: readonly ((pass: () => Promise<void>) => Promise<void>)[],
) => Promise<void>;

/** Where received bytes go, and how long nobody has received any. */
export interface Recorder {
  record(arrival: { user: number; connection: string; bytes: Buffer }): Received;
  readonly silentForMs: number;
}

export interface SimulatorOptions {
  readonly baseUrl: string;
  readonly book: CanaryBook;
  readonly signIn: (user: UserIdentity) => Credentials | Promise<Credentials>;
  /** A single wait of a user may last this long. */
  readonly timeoutMs: number;
  /** When nobody has received anything for this long, those who still wait give up. */
  readonly stallMs: number;
  /** When aborted, everybody gives up at once. */
  readonly signal?: AbortSignal;
}

/** One round: who takes part, how they are paced, and where the bytes go. */
export interface RoundPlan {
  readonly name: string;
  readonly equalNames: boolean;
  readonly identities: readonly UserIdentity[];
  readonly schedule: Schedule;
  readonly recorder: Recorder;
}

/** How one user's part in a round ended. */
export interface Outcome {
  readonly user: SimulatedUser;
  readonly error?: unknown;
}

/** Drives many simulated users at once through the same task. */
export class ConcurrentUserSimulator {
  readonly #options: SimulatorOptions;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /**
   * Lets every identity play `task` and answers how each ended, in the order of the identities. A
   * user who fails stops nobody else. A round in which nothing moves any more is given up, so a
   * server that swallows answers can't hold the suite; users whose turn had not come by then are
   * not among the outcomes. Users stay connected until they `leave`.
   */
  async play(
    plan: RoundPlan,
    task: (user: SimulatedUser) => Promise<void>,
  ): Promise<readonly Outcome[]> {
    const giveUp = new AbortController();
    const stop = (): void => giveUp.abort();
    this.#options.signal?.addEventListener("abort", stop, { once: true });
    // Every user who waits for something listens to it: thousands of listeners are no leak here.
    setMaxListeners(0, giveUp.signal);
    const watch = setInterval(() => {
      if (plan.recorder.silentForMs > this.#options.stallMs) giveUp.abort();
    }, 50);
    const outcomes: Outcome[] = [];
    const parts = plan.identities.map((identity) => async (pass: () => Promise<void>) => {
      if (giveUp.signal.aborted) return;
      const user = await this.#create(identity, plan, pass, giveUp.signal);
      outcomes.push(await attempt(user, task));
    });
    try {
      await plan.schedule(parts);
    } finally {
      clearInterval(watch);
      this.#options.signal?.removeEventListener("abort", stop);
    }
    return outcomes.sort((a, b) => a.user.number - b.user.number);
  }

  async #create(
    identity: UserIdentity,
    plan: RoundPlan,
    pass: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<SimulatedUser> {
    const { baseUrl, book, signIn, timeoutMs } = this.#options;
    const round = {
      name: plan.name,
      equalNames: plan.equalNames,
      baseUrl,
      signal,
      record: (arrival: { user: number; connection: string; bytes: Buffer }) =>
        plan.recorder.record(arrival),
      pass: () => untilAborted(pass(), signal),
      timeoutMs,
    };
    return new SimulatedUser(identity, await signIn(identity), book, round);
  }
}

async function attempt(
  user: SimulatedUser,
  task: (user: SimulatedUser) => Promise<void>,
): Promise<Outcome> {
  try {
    await task(user);
    return { user };
  } catch (error) {
    return { user, error };
  }
}

/** A barrier that some users never reach must not hold the others when the round is given up. */
function untilAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done, { once: true });
    void turn.then(done);
  });
}
