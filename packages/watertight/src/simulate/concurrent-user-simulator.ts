import { setMaxListeners } from "node:events";
import type { CanaryBook } from "../canary.ts";
import type { Agent } from "node:http";
import { createDeferred } from "../internal/deferred.ts";
import { createRandom, hash } from "../internal/random.ts";
import { isRecord, type Received } from "../received.ts";
import type { Mishap } from "../mishap.ts";
import {
  type Credentials,
  type RoundArrival,
  SimulatedUser,
  type UserIdentity,
} from "./simulated-user.ts";

/** Paces the users' tasks; a pattern's `schedule`. */
export type Schedule = (
  tasks: readonly ((pass: () => Promise<void>) => Promise<void>)[],
) => Promise<void>;

/** Where received bytes go, and how long nobody has received any. */
export interface Recorder {
  record(arrival: RoundArrival): Received;
  /** Bytes of an answer that is not whole yet have arrived. */
  stir(): void;
  readonly silentForMs: number;
  /** The same, but for heartbeats: they keep a connection alive, and nobody gets on by them. */
  readonly newslessForMs: number;
}

/** Signs a user in: what it answers goes with every request, and cookies that it is given are kept. */
export type SignIn = (user: SimulatedUser) => Credentials | void | Promise<Credentials | void>;

export interface SimulatorOptions {
  readonly baseUrl: string;
  readonly book: CanaryBook;
  readonly signIn: SignIn;
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
  /** Nobody signs in. */
  readonly isAnonymous?: boolean;
  /** Of the randomness that users may ask for. Default: 0. */
  readonly seed?: number;
  /** What befalls a request of a user; sign-ins are spared. Default: nothing. */
  readonly mishapOf?: (user: UserIdentity, request: number) => Mishap | undefined;
  /** The keep-alive line that a user has to share. Default: none. */
  readonly lineOf?: (user: UserIdentity) => Agent | undefined;
  readonly identities: readonly UserIdentity[];
  readonly schedule: Schedule;
  readonly recorder: Recorder;
}

/** How one user's part in a round ended. */
export interface Outcome {
  readonly user: SimulatedUser;
  readonly error?: unknown;
}

/** Frames that all look alike may be the progress of something slow: so much longer it may take. */
const PATIENCE_WITH_HEARTBEATS = 3;

/** Drives many simulated users at once through the same task. */
export class ConcurrentUserSimulator {
  readonly #options: SimulatorOptions;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /**
   * Lets every identity play `task` and answers how each ended, in the order of the identities. A
   * user who fails, or can't even sign in, stops nobody else. A round in which nothing moves any more
   * is given up, so neither a server that swallows answers nor a task that waits for something of its
   * own can hold the suite; users whose turn had not come by then are not among the outcomes. Users
   * stay connected until they `leave`.
   */
  async play(
    plan: RoundPlan,
    task: (user: SimulatedUser) => Promise<void>,
  ): Promise<readonly Outcome[]> {
    const { stallMs } = this.#options;
    const giveUp = new AbortController();
    const stop = (): void => giveUp.abort();
    this.#options.signal?.addEventListener("abort", stop, { once: true });
    // Every user who waits for something listens to it: thousands of listeners are no leak here.
    setMaxListeners(0, giveUp.signal);
    const watch = setInterval(() => {
      const { silentForMs, newslessForMs } = plan.recorder;
      if (silentForMs > stallMs || newslessForMs > PATIENCE_WITH_HEARTBEATS * stallMs) stop();
    }, 50);
    const outcomes: Outcome[] = [];
    const parts = plan.identities.map((identity) => async (pass: () => Promise<void>) => {
      if (giveUp.signal.aborted) return;
      outcomes.push(await this.#takePart({ identity, plan, pass, signal: giveUp.signal }, task));
    });
    try {
      await plan.schedule(parts);
    } finally {
      clearInterval(watch);
      this.#options.signal?.removeEventListener("abort", stop);
    }
    return outcomes.sort((a, b) => a.user.number - b.user.number);
  }

  async #takePart(part: Part, task: (user: SimulatedUser) => Promise<void>): Promise<Outcome> {
    const user = this.#create(part);
    try {
      if (part.plan.isAnonymous !== true) {
        const signIn = async (): Promise<unknown> => this.#options.signIn(user);
        user.signedIn(asCredentials(await untilGivenUp(signIn(), user)));
      }
      await untilGivenUp(task(user), user);
      return { user };
    } catch (error) {
      return { user, error };
    }
  }

  #create({ identity, plan, pass, signal }: Part): SimulatedUser {
    const { baseUrl, book, timeoutMs } = this.#options;
    const { mishapOf = () => undefined, lineOf } = plan;
    const line = lineOf?.(identity);
    const round = {
      name: plan.name,
      equalNames: plan.equalNames,
      baseUrl,
      signal,
      record: (arrival: RoundArrival) => plan.recorder.record(arrival),
      stir: () => plan.recorder.stir(),
      pass: () => untilAborted(pass(), signal),
      timeoutMs,
      mishapOf: (request: number) => mishapOf(identity, request),
      ...(line === undefined ? {} : { line }),
      random: createRandom(hash(`${plan.seed ?? 0} ${plan.name} ${identity.name}`)),
    };
    return new SimulatedUser(identity, book, round);
  }
}

/** One user's part in a round. */
interface Part {
  readonly identity: UserIdentity;
  readonly plan: RoundPlan;
  readonly pass: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** What `signIn` answers comes from a config: without a look at it, each request would fail obscurely. */
function asCredentials(value: unknown): Credentials {
  if (value === undefined) return {};
  const headers: unknown = isRecord(value) ? (value["headers"] ?? {}) : undefined;
  if (isRecord(headers) && Object.values(headers).every((text) => typeof text === "string")) {
    return value as Credentials;
  }
  throw new Error(
    `Expected signIn to answer { headers: { name: "text", … } } or nothing, got ${JSON.stringify(value) ?? typeof value}`,
  );
}

/** Whoever listens to the signal of the round knows better what was missing, and may say so first. */
const LAST_WORDS_MS = 100;

/** Work that goes on when the round is given up is left alone: it rejects in its place. */
async function untilGivenUp<T>(work: Promise<T>, { name, signal }: SimulatedUser): Promise<T> {
  const givenUp = createDeferred<never>();
  const fail = (): void =>
    givenUp.reject(new Error(`${name} still waited for something when the round was given up`));
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => void (timer = setTimeout(fail, LAST_WORDS_MS));
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, givenUp.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

/** A barrier that some users never reach must not hold the others when the round is given up. */
async function untilAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = createDeferred<void>();
  const abort = (): void => aborted.resolve();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
