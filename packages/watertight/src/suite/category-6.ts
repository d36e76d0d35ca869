import type { Observation } from "../observation.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { explainDriver } from "./load-driver.ts";
import {
  contention,
  costPerUser,
  fewUsersOf,
  isBusy,
  isContended,
  isDearer,
  isSlower,
  isUnfair,
  ms,
  percent,
  round,
  unfair,
} from "./load-findings.ts";
import {
  bytes,
  fillUp,
  type Filling,
  FILLING,
  isHeavy,
  isSteeper,
  memoryPerUser,
} from "./load-memory.ts";
import {
  PerformanceProfiler,
  placesIn,
  type PlayedCrowds,
  type PlayedLevel,
} from "./load-profiler.ts";
import type { LoadResult } from "./load-round.ts";
import type { SoloCost } from "./load-plan.ts";
import type { SuiteObservation } from "./round.ts";
import { sum, summarize } from "./summary.ts";

const responseTimeScaling: Check = Object.freeze<Check>({
  id: "6.1",
  title: "response time scaling",
  needs: [],
  run: (bench: Bench) => new ScalingCheck(bench).run(),
});

const memoryScaling: Check = Object.freeze<Check>({
  id: "6.2",
  title: "memory scaling",
  needs: ["process"],
  run: scaleMemory,
});

/** Checks of what more users cost each user. */
export const category6: Category = Object.freeze({
  id: 6,
  title: "Performance under load",
  checks: [responseTimeScaling, memoryScaling],
});

/** What a pair of measurements came to: something to report, or why it could not be told. */
interface Judgement {
  readonly observations: readonly SuiteObservation[];
  readonly unclear?: string;
}

/** With fewer own secrets than that, nothing is proved; the suite's own rule. */
const CONTROL_SHARE = 0.9;
const SLOWER_PACE =
  "How the server does at the usual pace (6.1): its event loop had no time to spare then, be it for work, for calls that block it, or for lack of a processor; it was judged at a slower one.";
const NOTHING: Judgement = Object.freeze({ observations: [] });

/** Plays all levels once, and whatever looks bad a second time: only what comes back is reported. */
class ScalingCheck {
  readonly #bench: Bench;
  readonly #profiler: PerformanceProfiler;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#profiler = new PerformanceProfiler(bench);
  }

  async run(): Promise<CheckOutcome> {
    await this.#profiler.warmUp();
    const solo = await this.#profiler.solo();
    const cost = this.#profiler.costOf(solo);
    if (solo.operations === 0) {
      const unclear = `A lone user had no operation done in ${Math.round(this.#bench.config.patienceMs / 1000)} seconds or more, so there is nothing to compare with`;
      return this.#outcome([{ observations: [], unclear }], "");
    }
    const levels = await this.#profiler.levels(cost);
    const crowds = await this.#profiler.crowds(cost);
    const report = this.#profiler.report(solo, levels, crowds);
    this.#bench.reportPerformance(report);
    this.#noteGaps(solo, crowds);
    const judgements = [
      await this.#judgeLevels(solo, levels, report.fit),
      await this.#judgeCrowds(cost, crowds),
    ];
    return this.#outcome(judgements, this.#shown(solo, levels, crowds));
  }

  async #judgeLevels(
    solo: PlayedLevel,
    levels: readonly PlayedLevel[],
    fit: Parameters<typeof contention>[2],
  ): Promise<Judgement> {
    const top = levels.at(-1);
    const few = fewUsersOf([solo, ...levels]);
    if (top === undefined) return NOTHING;
    if (!isSlower(solo, top) && !isDearer(few, top)) return NOTHING;
    const again = await this.#profiler.solo();
    const isStarved = top.server !== undefined && isBusy(top.server);
    if (isStarved) this.#bench.gaps.add(SLOWER_PACE);
    const cost = this.#profiler.costOf(again, isStarved);
    const second = await this.#profiler.level(
      top.users,
      cost,
      (measured) => isContended(again, measured) || isDearer(few, measured),
    );
    const observations: SuiteObservation[] = [];
    const add = (observation: Observation): void =>
      void observations.push(this.#at(second, observation));
    if (isDearer(few, top) && isDearer(few, second)) add(costPerUser(few, second));
    const isSlow = isSlower(solo, top) && isSlower(again, second);
    const excessMs = second.latency.p50 - again.latency.p50;
    const unclear = isSlow ? unclearIn(second, excessMs) : undefined;
    if (isSlow && unclear === undefined && isContended(solo, top) && isContended(again, second)) {
      add(contention(again, second, fit));
    }
    return unclear === undefined || observations.length > 0
      ? { observations }
      : { observations, unclear };
  }

  async #judgeCrowds(cost: SoloCost, crowds: PlayedCrowds | undefined): Promise<Judgement> {
    if (crowds === undefined || !isUnfair(crowds.polite, crowds.flood)) return NOTHING;
    const second = await this.#profiler.crowds(cost, isUnfair);
    if (second === undefined || !isUnfair(second.polite, second.flood)) return NOTHING;
    const { latency, driver } = second.flood;
    const excessMs = latency.p50 - second.polite.latency.p50;
    const reason = explainDriver(driver, excessMs);
    if (reason !== undefined) {
      const unclear = `Beside a flood of one user the others waited ${ms(excessMs)} longer, but ${reason}`;
      return { observations: [], unclear };
    }
    const flooder = this.#bench.identities[0]?.name ?? "one user";
    return { observations: [this.#at(second.flood, unfair(second, flooder))] };
  }

  #at({ name }: LoadResult, observation: Observation): SuiteObservation {
    return { ...observation, pattern: { name, seed: this.#bench.seed } };
  }

  #noteGaps(solo: PlayedLevel, crowds: PlayedCrowds | undefined): void {
    if (solo.server === undefined) {
      this.#bench.gaps.add(
        "Processor time per operation, and whether users wait for each other (6.1): the server's process could not be looked into.",
      );
    }
    if (crowds === undefined) {
      this.#bench.gaps.add("What one user's flood does to others (6.1): that takes three users.");
    }
  }

  #shown(
    solo: PlayedLevel,
    levels: readonly PlayedLevel[],
    crowds: PlayedCrowds | undefined,
  ): string {
    const top = levels.at(-1) ?? solo;
    const { latency, users, server } = top;
    const busy = server === undefined ? "" : `, the server ${percent(server.cpuShare)} busy`;
    const fair =
      crowds === undefined
        ? ""
        : `; ${crowds.requests} requests of one user delay others by ${ms(crowds.flood.latency.p50)}, of as many users ${ms(crowds.polite.latency.p50)}`;
    const cost =
      server === undefined || solo.server === undefined
        ? ""
        : `; an operation costs ${round(server.cpuPerOperation / 1000)} ms of processor time, alone ${round(solo.server.cpuPerOperation / 1000)}`;
    return `${users} users: p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)} (alone ${ms(solo.latency.p50)}, ${ms(solo.latency.p99)})${busy}${cost}${fair}`;
  }

  #outcome(judgements: readonly Judgement[], shown: string): CheckOutcome {
    const { played } = this.#profiler;
    const control = {
      expected: sum(played.map((load) => load.control.expected)),
      received: sum(played.map((load) => load.control.received)),
    };
    const unclear = judgements.map((judgement) => judgement.unclear).find(Boolean);
    const inconclusive = explainFailures(played, control) ?? unclear;
    return {
      observations: [
        ...judgements.flatMap(({ observations }) => observations),
        ...withPlaces(played.flatMap(({ observations }) => observations)),
      ],
      events: sum(played.map(({ result }) => result.events)),
      control,
      patterns: [...new Set(played.map(({ name }) => name))],
      shown,
      ...(inconclusive === undefined ? {} : { inconclusive }),
    };
  }
}

/** What users ran into, if a tenth of their operations or more did not bring what was theirs. */
function explainFailures(
  played: readonly LoadResult[],
  { expected, received }: LoadResult["control"],
): string | undefined {
  const error = played.map(({ firstError }) => firstError).find((found) => found !== undefined);
  if (received >= expected * CONTROL_SHARE || error === undefined) return undefined;
  const message = error instanceof Error ? error.message : JSON.stringify(error);
  return `Only ${received} of ${expected} operations brought the user's own secret, so nothing was proved. The first error: ${message}`;
}

/** The process is looked into for one leak of the check; the others leak from the same places. */
function withPlaces(observations: readonly SuiteObservation[]): readonly SuiteObservation[] {
  const heldIn = placesIn(observations);
  return observations.map((observation) =>
    observation.kind === "leak" ? { ...observation, heldIn } : observation,
  );
}

/** Why it can't be told what users waited for; `undefined` if it was neither the processor nor the suite. */
function unclearIn(
  { users, latency, server, driver }: PlayedLevel,
  excessMs: number,
): string | undefined {
  const waited = `With ${users} users an operation took ${ms(latency.p50)} (p50), ${ms(excessMs)} longer than alone`;
  const reason = explainDriver(driver, excessMs);
  if (reason !== undefined) return `${waited}, but ${reason}`;
  if (server === undefined) return undefined;
  if (isBusy(server)) {
    return `${waited}, but the server's event loop was ${percent(server.loopShare)} busy (processor ${percent(server.cpuShare)}): it worked, was blocked by a call, or had no processor, and says nothing of users who wait for each other`;
  }
  return undefined;
}

async function scaleMemory(bench: Bench): Promise<CheckOutcome> {
  const limit = bench.config.limits.memoryPerUserBytes;
  const fillings = [await fillUp(bench)];
  const isBad = (filling: Filling): boolean => isSteeper(filling) || isHeavy(filling, limit);
  const [first] = fillings as [Filling];
  const { points, perUser } = first;
  bench.reportTrends({ connected: points, perUser: perUser ?? null });
  if (isBad(first)) fillings.push(await fillUp(bench));
  const last = fillings.at(-1) as Filling;
  const rounds = fillings.map(({ result }) => ({ pattern: FILLING, result }));
  const outcome = summarize(rounds, () => shownOf(first, limit));
  if (perUser === undefined) {
    const inconclusive = `Memory per user takes at least four users to tell, and there were ${bench.identities.length}: raise --users`;
    return { ...outcome, inconclusive };
  }
  if (!isBad(first) || !isBad(last)) return outcome;
  const pattern = { name: FILLING, seed: bench.seed };
  const observation = { ...memoryPerUser(last, limit), pattern };
  return { ...outcome, observations: [observation, ...outcome.observations] };
}

function shownOf({ points, perUser, lower, upper }: Filling, limit: number): string {
  const users = points.at(-1)?.users ?? 0;
  if (perUser === undefined || lower === undefined || upper === undefined) return "";
  const interval = `95 % ${bytes(perUser.low)} to ${bytes(perUser.high)}`;
  return `each of ${users} users costs ${bytes(perUser.slope)} (${interval}), the first half ${bytes(lower.slope)} and the second ${bytes(upper.slope)} each; at most ${bytes(limit)} are allowed`;
}
