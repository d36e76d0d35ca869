import { CanaryBook } from "../canary.ts";
import { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import { createRandom } from "../internal/random.ts";
import { lockstep, type Pattern } from "../patterns/pattern.ts";
import type { Received } from "../received.ts";
import {
  ConcurrentUserSimulator,
  type Outcome,
  type SignIn,
} from "../simulate/concurrent-user-simulator.ts";
import {
  createIdentities,
  type SimulatedUser,
  type UserIdentity,
} from "../simulate/simulated-user.ts";

/** Who does what to which server, and when. */
export interface RoundOptions {
  /** A server that runs, for example `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  /** What one user does; every user does it. */
  readonly scenario: (user: SimulatedUser) => Promise<void>;
  /** Default: 10. */
  readonly users?: number;
  /** Default: `lockstep`. */
  readonly pattern?: Pattern;
  /** Of the pattern's pauses and orders. Default: 0. */
  readonly seed?: number;
  /** Default: nothing is sent along. */
  readonly signIn?: SignIn;
  /** The round is over when nobody has received anything for so many milliseconds. Default: 300. */
  readonly quietMs?: number;
  /** A single wait of a user may last this many milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** A round that is over: what everybody received, whose secrets were about, and how each user fared. */
export interface PlayedRound {
  readonly book: CanaryBook;
  readonly users: readonly UserIdentity[];
  readonly received: readonly Received[];
  readonly outcomes: readonly Outcome[];
}

const MAX_NOISE_MS = 10_000;

/**
 * Lets many users do the same at once against a server that runs already, waits until all is quiet,
 * and lets them leave one by one, so that what the others are told then is received, too. Judges
 * nothing: a user who fails is an outcome.
 */
export async function playRound(options: RoundOptions): Promise<PlayedRound> {
  const { baseUrl, scenario, users: count = 10, pattern = lockstep, seed = 0 } = options;
  const { signIn = () => ({}), quietMs = 300, timeoutMs = 5000 } = options;
  const book = new CanaryBook();
  const users = createIdentities(count, book);
  const capture = new WebSocketEventCapture();
  const simulator = new ConcurrentUserSimulator({
    baseUrl,
    book,
    signIn,
    timeoutMs,
    stallMs: timeoutMs,
  });
  const random = createRandom(seed);
  const plan = {
    name: pattern.name.replaceAll(" ", "-"),
    equalNames: pattern.equalNames,
    identities: users,
    schedule: (tasks: Parameters<Pattern["schedule"]>[0]) => pattern.schedule(tasks, random),
    recorder: capture,
  };
  const outcomes = await simulator.play(plan, scenario);
  await capture.quiet({ quietMs, maxMs: MAX_NOISE_MS });
  for (const { user } of outcomes) await user.leave();
  return { book, users, received: capture.received, outcomes };
}
