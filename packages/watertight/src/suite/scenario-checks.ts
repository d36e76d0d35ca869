import { equalNames, lockstep, oneAfterAnother, overlap } from "../patterns/pattern.ts";
import type { Bench } from "./bench.ts";
import { borrowedRequests } from "./borrowed-requests.ts";
import type { CheckOutcome } from "./check.ts";
import { playScenario } from "./conversations.ts";
import { someVanish } from "./departures.ts";
import { lookAlikes } from "./look-alikes.ts";
import { playRound, strangerAfterwards } from "./played-round.ts";
import {
  failures,
  failuresAmongOthers,
  hangUps,
  measureScenario,
  oneLineForTwo,
  onTwoDevices,
  stepsInTurns,
  unequalLatencies,
} from "./scenario-rounds.ts";
import { summarize } from "./summary.ts";

/** Enough to see that one user's state outlives the turn. */
const IN_A_ROW = 12;

/** 1.1 for a server of which only a scenario is known: schedules that real leaks needed. */
export async function scheduleScenario(bench: Bench): Promise<CheckOutcome> {
  const { medianMs } = await measureScenario(bench);
  const task = playScenario(bench);
  // What they leave unfinished must not come up in the rounds that follow.
  const abort = { ...overlap, name: "abort in flight" };
  const inARow = bench.identities.slice(0, IN_A_ROW);
  const rounds = [
    await playRound(bench, { pattern: oneAfterAnother, task, identities: inARow }),
    await playRound(bench, { pattern: abort, task: someVanish(bench, medianMs) }),
    await playRound(bench, { pattern: lockstep, task }),
    await playRound(bench, { pattern: overlap, task }),
    await unequalLatencies(bench),
    await strangerAfterwards(bench),
  ];
  return summarize(
    rounds,
    (events) =>
      `${bench.identities.length} users in ${rounds.length} schedules: ${events} answers and frames scanned, every one its owner's`,
  );
}

/** 1.2: what a registry does wrong shows where users' names and requests look alike. */
export async function confuseNames(bench: Bench): Promise<CheckOutcome> {
  const rounds = [
    await playRound(bench, { pattern: equalNames, task: playScenario(bench) }),
    await borrowedRequests(bench),
    await lookAlikes(bench),
  ];
  return summarize(
    rounds,
    () =>
      `${bench.identities.length} users with equal names stay apart, nobody gets by another's ids what is not theirs, and requests that look alike are told apart`,
  );
}

/** 1.3: what routes by connection goes wrong where connections are many, or shared. */
export async function confuseConnections(bench: Bench): Promise<CheckOutcome> {
  const rounds = [await stepsInTurns(bench), await oneLineForTwo(bench), await onTwoDevices(bench)];
  return summarize(
    rounds,
    (events) =>
      `streams opened in both orders, two users on one connection, two devices each: ${events} answers and frames scanned, every one its owner's`,
  );
}

/** 2.2: without agents, what dies are requests and answers, in the middle. */
export async function dieInTheMiddle(bench: Bench): Promise<CheckOutcome> {
  const rounds = [
    await hangUps(bench),
    await failures(bench),
    await failuresAmongOthers(bench),
    await strangerAfterwards(bench),
  ];
  return summarize(
    rounds,
    (events) =>
      `users hung up in the middle, or had a step that failed: ${events} answers and frames scanned, nobody else received anything of theirs`,
  );
}
