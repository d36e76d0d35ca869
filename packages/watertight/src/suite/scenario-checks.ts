import { equalNames, lockstep, overlap, type Pattern } from "../patterns/pattern.ts";
import type { Bench } from "./bench.ts";
import { borrowedRequests } from "./borrowed-requests.ts";
import type { CheckOutcome } from "./check.ts";
import { playScenario } from "./conversations.ts";
import { someVanish } from "./departures.ts";
import { lookAlikes } from "./look-alikes.ts";
import { inARow, playRound, strangerAfterwards } from "./played-round.ts";
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
import { type Round, withSmallest } from "./smallest.ts";
import { summarize } from "./summary.ts";

/** 1.1 for a server of which only a scenario is known: schedules that real leaks needed. */
export function scheduleScenario(bench: Bench): Promise<CheckOutcome> {
  // What users leave unfinished must not come up in the rounds that follow.
  const rounds = [
    inARow,
    abortInFlight,
    by(lockstep),
    by(overlap),
    unequalLatencies,
    strangerAfterwards,
  ];
  return playAll(
    bench,
    rounds,
    (events) =>
      `${bench.identities.length} users in ${rounds.length} schedules: ${events} answers and frames scanned, every one its owner's`,
  );
}

/** 1.2: what a registry does wrong shows where users' names and requests look alike. */
export function confuseNames(bench: Bench): Promise<CheckOutcome> {
  return playAll(
    bench,
    [by(equalNames), borrowedRequests, lookAlikes],
    () =>
      `${bench.identities.length} users with equal names stay apart, nobody gets by another's ids what is not theirs, and requests that look alike are told apart`,
  );
}

/** 1.3: what routes by connection goes wrong where connections are many, or shared. */
export function confuseConnections(bench: Bench): Promise<CheckOutcome> {
  return playAll(
    bench,
    [stepsInTurns, oneLineForTwo, onTwoDevices],
    (events) =>
      `streams opened in both orders, two users on one connection, two devices each: ${events} answers and frames scanned, every one its owner's`,
  );
}

/** 2.2: without agents, what dies are requests and answers, in the middle. */
export function dieInTheMiddle(bench: Bench): Promise<CheckOutcome> {
  return playAll(
    bench,
    [hangUps, failures, failuresAmongOthers, strangerAfterwards],
    (events) =>
      `users hung up in the middle, or had a step that failed: ${events} answers and frames scanned, nobody else received anything of theirs`,
  );
}

async function playAll(
  bench: Bench,
  rounds: readonly Round[],
  shown: (events: number) => string,
): Promise<CheckOutcome> {
  const all = [];
  for (let pass = 0; pass < bench.config.passes; pass += 1) {
    for (const round of rounds) all.push({ round, played: await round(bench) });
  }
  const outcome = summarize(
    all.map(({ played }) => played),
    shown,
  );
  return withSmallest(bench, all, outcome);
}

function by(pattern: Pattern): Round {
  return (bench) => playRound(bench, { pattern, task: playScenario(bench) });
}

async function abortInFlight(bench: Bench): ReturnType<Round> {
  const { medianMs } = await measureScenario(bench);
  const pattern = { ...overlap, name: "abort in flight" };
  return playRound(bench, { pattern, task: someVanish(bench, medianMs) });
}
