import type { Rate, Smallest } from "../finding.ts";
import type { UserIdentity } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { CheckOutcome } from "./check.ts";
import { inARow, type PlayedRound } from "./played-round.ts";
import type { SuiteObservation } from "./round.ts";

/** A round that can be played again, with other users and another scenario. */
export type Round = (bench: Bench) => Promise<PlayedRound>;

const MAX_TRIES = 3;
/** All replays of a run; a server that swallows answers makes each try long, and then fewer must do. */
const WITHIN_MS = 10_000;

/** What is left of the time for replays; the first leaks of a run get it. */
interface Budget {
  leftMs: number;
}

/**
 * Looks for the least that still shows the first leak of some rounds: two users instead of all, and fewer steps
 * of the scenario. Says how often it comes back, and whether it does with users one after another; a
 * check without a leak is answered as it is.
 */
export async function withSmallest(
  bench: Bench,
  rounds: readonly { readonly round: Round; readonly played: PlayedRound }[],
  outcome: CheckOutcome,
): Promise<CheckOutcome> {
  const leaking = rounds.find(({ played }) => played.result.observations.some(isLeak));
  const leak = leaking?.played.result.observations.find(isLeak);
  if (leaking === undefined || leak === undefined) return outcome;
  const budget = await bench.once<Budget>("replays", async () => ({ leftMs: WITHIN_MS }));
  if (budget.leftMs <= 0) return outcome;
  const startedAt = performance.now();
  const smallest = await new Search(bench, leaking.round, startedAt + budget.leftMs).run(leak);
  budget.leftMs -= performance.now() - startedAt;
  const observations = outcome.observations.map((seen) =>
    isLeak(seen) && seen.pattern.name === leak.pattern.name ? { ...seen, smallest } : seen,
  );
  return { ...outcome, observations };
}

function isLeak({ kind }: SuiteObservation): boolean {
  return kind === "leak" || kind === "foreign-access" || kind === "outbound-leak";
}

/** Who plays, and which steps. */
interface Attempt {
  readonly identities: readonly UserIdentity[];
  readonly steps: readonly number[];
}

class Search {
  readonly #bench: Bench;
  readonly #round: Round;
  readonly #deadline: number;

  constructor(bench: Bench, round: Round, deadline: number) {
    this.#bench = bench;
    this.#round = round;
    this.#deadline = deadline;
  }

  async run({ from, to }: SuiteObservation): Promise<Smallest> {
    const { identities, config } = this.#bench;
    const all = config.steps.map((_, place) => place);
    const pair = identities.filter(({ name }) => name === from || name === to);
    let attempt: Attempt = { identities: pair, steps: all };
    // What takes some luck with time may need a second try.
    const isEnough =
      pair.length === 2 && ((await this.#shows(attempt)) || (await this.#shows(attempt)));
    if (!isEnough) attempt = { ...attempt, identities };
    for (const step of all) {
      const fewer = { ...attempt, steps: attempt.steps.filter((kept) => kept !== step) };
      if (fewer.steps.length > 0 && (await this.#shows(fewer))) attempt = fewer;
    }
    const again = await this.#rateOf(attempt, this.#round);
    return {
      users: attempt.identities.map(({ name }) => name),
      ...(all.length > 1 ? { steps: attempt.steps.map((step) => step + 1) } : {}),
      again,
      oneAfterAnother: await this.#rateOf(attempt, inARow),
    };
  }

  async #shows(attempt: Attempt): Promise<boolean> {
    return this.#hasTime && (await this.#isShownBy(attempt, this.#round));
  }

  async #rateOf(attempt: Attempt, round: Round): Promise<Rate> {
    let failed = 0;
    let of = 0;
    const tries = Math.min(MAX_TRIES, this.#bench.config.races.replays);
    while (of < tries && (of === 0 || this.#hasTime)) {
      of += 1;
      if (await this.#isShownBy(attempt, round)) failed += 1;
    }
    return { failed, of };
  }

  get #hasTime(): boolean {
    return performance.now() < this.#deadline;
  }

  #isShownBy(attempt: Attempt, round: Round): Promise<boolean> {
    return this.#bench.again(attempt, async (bench) => {
      const { result } = await round(bench);
      return result.observations.some(isLeak);
    });
  }
}
