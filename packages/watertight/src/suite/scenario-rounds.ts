import { canaryPattern } from "../canary.ts";
import { wait } from "../internal/wait.ts";
import { HungUp, type Mishap } from "../mishap.ts";
import { inTurns, lockstep, oneAfterAnother, overlap, type Pattern } from "../patterns/pattern.ts";
import type { SimulatedUser, UserIdentity } from "../simulate/simulated-user.ts";
import type { SentRequest, UserFetchOptions } from "../simulate/user-http.ts";
import type { Bench } from "./bench.ts";
import { playScenario, type Task } from "./conversations.ts";
import { type PlayedRound, playRound } from "./played-round.ts";
import { median } from "./summary.ts";

/** What a lone user's scenario looks like from outside. */
export interface LoneScenario {
  /** HTTP requests that it makes. */
  readonly requests: number;
  readonly medianMs: number;
}

/** Enough to see who comes after whom; more would show no more. */
const A_FEW = 4;
const IN_A_ROW = 12;
/** Of each user's; a longer scenario has the same mistakes all over. */
const MAX_REQUESTS = 12;
/** So long a server may take to notice that somebody has hung up. */
const NOTICED_WITHIN_MS = 10;

/** Two users play the scenario, one after the other: how long it takes, and how many requests. */
export function measureScenario(bench: Bench): Promise<LoneScenario> {
  return bench.once("lone scenario", async () => {
    const { outcomes, durationsMs } = await bench.play({
      pattern: oneAfterAnother,
      identities: bench.identities.slice(0, 2),
      task: playScenario(bench),
    });
    const requests = Math.max(1, ...outcomes.map(({ user }) => user.requests.length));
    return { requests, medianMs: median(durationsMs) };
  });
}

/** Users with requests as slow as those of a bad line, each in another place, between others' quick ones. */
export function unequalLatencies(bench: Bench): Promise<PlayedRound> {
  const pattern: Pattern = {
    ...overlap,
    name: "unequal latencies",
    mishapOf: (user, request) => SLOW[(user + request) % SLOW.length],
  };
  return playRound(bench, { pattern, task: playScenario(bench) });
}

const SLOW: readonly (Mishap | undefined)[] = Object.freeze([
  undefined,
  "slow request",
  undefined,
  "slow answer",
]);

/** One step of one user at a time: streams are opened in both orders, and the older one is used later. */
export function stepsInTurns(bench: Bench): Promise<PlayedRound> {
  const identities = bench.identities.slice(0, A_FEW);
  return playRound(bench, { pattern: inTurns, identities, task: playScenario(bench) });
}

/** Two users behind a proxy, whose requests come over one connection. */
export function oneLineForTwo(bench: Bench): Promise<PlayedRound> {
  const pattern = {
    ...overlap,
    name: "one keep-alive connection for two users",
    sharesLines: true,
  };
  const identities = bench.identities.slice(0, IN_A_ROW);
  return playRound(bench, { pattern, identities, task: playScenario(bench) });
}

/**
 * Every user comes with two devices at once. Only one of them has to succeed: what a user may not do
 * twice is the server's own affair.
 */
export function onTwoDevices(bench: Bench): Promise<PlayedRound> {
  const pattern = { ...lockstep, name: "two devices" };
  const task: Task = async (user, ledger) => {
    const other = Promise.resolve(bench.config.scenario?.(user)).catch(() => {});
    await playScenario(bench)(user, ledger);
    await other;
  };
  return playRound(bench, { pattern, task });
}

/** How users go away too early. */
const HANG_UPS: readonly Mishap[] = Object.freeze([
  "hang up in the answer",
  "hang up in the request",
  "hang up before the answer",
]);
/** What makes a step fail. */
const FAILURES: readonly Mishap[] = Object.freeze(["broken body", "stranger", "lost"]);
const ACCIDENTS: readonly Mishap[] = Object.freeze([...HANG_UPS, ...FAILURES]);

/** A user goes away in the middle of each request and answer; see `afterAccidents`. */
export function hangUps(bench: Bench): Promise<PlayedRound> {
  return afterAccidents(bench, "abort in the middle, then the next user", HANG_UPS);
}

/** Each step of a user fails in several ways; see `afterAccidents`. */
export function failures(bench: Bench): Promise<PlayedRound> {
  return afterAccidents(bench, "a step that fails, then the next user", FAILURES);
}

/**
 * Of two users who both have played the scenario, one repeats each of its requests with each of the
 * mishaps. After every one the other asks for everything that can be asked for without signing in,
 * repeats the own request, and fails in the same way: what the accident left behind would come up there.
 */
function afterAccidents(
  bench: Bench,
  name: string,
  mishaps: readonly Mishap[],
): Promise<PlayedRound> {
  const others: SimulatedUser[] = [];
  const task: Task = async (user, ledger) => {
    await playScenario(bench)(user, ledger);
    const [other] = others;
    others.push(user);
    if (other !== undefined) await haveAccidents(user, other, mishaps);
  };
  const identities = bench.identities.slice(0, 2);
  return playRound(bench, { pattern: { ...oneAfterAnother, name }, identities, task });
}

async function haveAccidents(
  unlucky: SimulatedUser,
  other: SimulatedUser,
  mishaps: readonly Mishap[],
): Promise<void> {
  const own = [...other.requests];
  const open = pathsForAnybody(own);
  for (const [place, request] of unlucky.requests.slice(0, MAX_REQUESTS).entries()) {
    if (request.isStream) continue;
    for (const mishap of mishaps) {
      await repeat(unlucky, request, { mishap });
      await wait(NOTICED_WITHIN_MS);
      const same = own[place];
      await Promise.all(open.map((asked) => repeat(other, asked, { anonymous: true })));
      if (same === undefined || same.isStream) continue;
      await repeat(other, same);
      // What the last failure left behind may only show in the next one.
      if (FAILURES.includes(mishap)) await repeat(other, same, { mishap });
    }
  }
}

/** What was asked for, as far as it says nothing that is the user's own. */
function pathsForAnybody(requests: readonly SentRequest[]): readonly SentRequest[] {
  const plain = requests.filter(
    ({ method, path, isStream }) => method === "GET" && !isStream && !canaryPattern().test(path),
  );
  const byPath = new Map(plain.map((request) => [request.path, { ...request, headers: {} }]));
  return [...byPath.values()].slice(0, MAX_REQUESTS);
}

async function repeat(
  user: SimulatedUser,
  { path, method, headers, body }: SentRequest,
  options: UserFetchOptions = {},
): Promise<void> {
  const asked = { method, headers, ...(body === undefined ? {} : { body }), ...options };
  await user.fetch(path, asked).catch(() => {});
}

/** Every second user runs into a failure of one step, among others who don't. */
export async function failuresAmongOthers(bench: Bench): Promise<PlayedRound> {
  const { requests } = await measureScenario(bench);
  const pattern: Pattern = {
    ...overlap,
    name: "a step that fails for one user",
    mishapOf: (user, request) =>
      isUnlucky(user) && request === (user >> 1) % requests
        ? ACCIDENTS[Math.floor(user / 2 / requests + user / 2) % ACCIDENTS.length]
        : undefined,
  };
  return playRound(bench, { pattern, task: withAccidents(bench) });
}

/** Of the unlucky nothing is expected but what is theirs alone; the others must not notice. */
function withAccidents(bench: Bench): Task {
  return async (user, ledger) => {
    if (!isUnlucky(user.number)) return playScenario(bench)(user, ledger);
    await playUntilHungUp(bench, user);
  };
}

async function playUntilHungUp(bench: Bench, user: SimulatedUser): Promise<void> {
  try {
    await bench.config.scenario?.(user);
  } catch (error) {
    if (error instanceof HungUp) user.vanish();
  }
}

function isUnlucky(user: UserIdentity["number"]): boolean {
  return user % 2 === 1;
}
