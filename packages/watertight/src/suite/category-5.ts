import { AgentDevice } from "../drivers/agent-device.ts";
import { ToolError } from "../errors.ts";
import type { Rate, Reproduction } from "../finding.ts";
import { oneAfterAnother, overlap, type Pattern } from "../patterns/pattern.ts";
import { delayEnvironment } from "../target/delays/delayer.ts";
import type { Bench, FreshTarget } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { ask, playScenario, reconnectInTheMiddle, type Task } from "./conversations.ts";
import type { SuiteObservation } from "./round.ts";
import { askFor } from "./solo-baseline.ts";
import { summarize } from "./summary.ts";

/** More users make a process busier, not its schedules more surprising. */
const USERS = 12;
const PROBABILITY = 0.5;
const MAX_DELAY_MS = 12;
/** A server that swallows answers makes each replay long: then fewer of them must do. */
const REPLAYS_WITHIN_MS = 15_000;

const webSocketModifications: Check = Object.freeze<Check>({
  id: "5.1",
  title: "concurrent websocket modifications",
  needs: ["process", "fresh process"],
  run: (bench: Bench) =>
    findRaces(bench, {
      taskFor: (trial) =>
        trial.config.agents === undefined ? playScenario(trial) : comeAndGo(trial),
      shown:
        bench.config.agents === undefined
          ? "each played the scenario"
          : "devices came, went and came back in the middle of runs",
    }),
});

const bridgeNotifications: Check = Object.freeze<Check>({
  id: "5.2",
  title: "concurrent bridge notifications",
  needs: ["agents", "process", "fresh process"],
  run: (bench: Bench) =>
    findRaces(bench, {
      taskFor: askManyAtOnce,
      shown: "runs began, were begun again, cancelled and ended at once",
    }),
});

/** Checks of orders that the machine does not show by itself. */
export const category5: Category = Object.freeze({
  id: 5,
  title: "Race condition protection",
  checks: [webSocketModifications, bridgeNotifications],
});

interface Race {
  readonly taskFor: (bench: Bench) => Task;
  readonly shown: string;
}

interface TrialResult {
  readonly pattern: string;
  readonly outcome: CheckOutcome;
}

/**
 * Plays the race in fresh processes, each delayed by a seed of its own, until one of them shows
 * something; that one is played again, and with users one after another, so that a finding says how
 * often it comes and whether it takes two users at once.
 */
async function findRaces(bench: Bench, race: Race): Promise<CheckOutcome> {
  const { trials } = bench.config.races;
  const results: TrialResult[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const seed = bench.seed + trial;
    const pattern = patternOf(trial);
    const outcome = await playTrial(bench, race, { seed, pattern });
    results.push({ pattern: pattern.name, outcome });
    if (outcome.observations.length > 0) {
      const again = { seed, pattern };
      return addUp(results, bench, race, await reproduce(bench, race, again));
    }
  }
  return addUp(results, bench, race);
}

/** Every second trial gives the users' things equal names: what has no owner in its key collides. */
function patternOf(trial: number): Pattern {
  if (trial % 2 === 0) return { ...overlap, name: "delayed overlap" };
  return { ...overlap, name: "delayed equal names", equalNames: true };
}

interface TrialPlan {
  readonly seed: number;
  readonly pattern: Pattern;
  /** A replay only counts: what the process holds is known from the trial before. */
  readonly isReplay?: boolean;
}

async function playTrial(bench: Bench, race: Race, plan: TrialPlan): Promise<CheckOutcome> {
  const { seed, pattern, isReplay = false } = plan;
  const environment = delayEnvironment({ seed, probability: PROBABILITY, maxMs: MAX_DELAY_MS });
  return bench.afresh({ environment, seed }, async (trial, fresh) => {
    try {
      const result = await trial.play({
        pattern,
        looksInside: !isReplay,
        identities: bench.identities.slice(0, USERS),
        task: race.taskFor(trial),
      });
      await noteCoverage(bench, fresh);
      return summarize([{ pattern: pattern.name, result }], () => "");
    } catch (error) {
      return crashed(error, plan);
    }
  });
}

async function noteCoverage(bench: Bench, fresh: FreshTarget): Promise<void> {
  const coverage = await fresh.coverage();
  if (coverage === undefined || coverage.failed.length === 0) return;
  const { files, failed } = coverage;
  bench.gaps.add(
    `Awaits of ${failed.length} of ${files + failed.length} files could not be delayed; the first is ${failed[0]}.`,
  );
}

/** A server that dies of delays that any machine may show has an error that nobody handles. */
function crashed(error: unknown, { seed, pattern }: TrialPlan): CheckOutcome {
  if (!ToolError.is(error) || error.code !== "WT_TARGET_CRASHED") throw error;
  const observation: SuiteObservation = {
    kind: "crash",
    tier: "proved",
    title: "The server ended while users came and went",
    occurrences: 1,
    expected: error.message,
    pattern: { name: pattern.name, seed },
  };
  const control = { expected: 1, received: 0 };
  return { observations: [observation], events: 0, control, patterns: [pattern.name], shown: "" };
}

async function reproduce(bench: Bench, race: Race, plan: TrialPlan): Promise<Reproduction> {
  const alone = { ...oneAfterAnother, name: "delayed, one after another" };
  const delayed = await rateOf(bench, race, plan);
  return {
    // The trial that showed it counts, too.
    delayed: { failed: delayed.failed + 1, of: delayed.of + 1 },
    oneAfterAnother: await rateOf(bench, race, { ...plan, pattern: alone }),
  };
}

async function rateOf(bench: Bench, race: Race, plan: TrialPlan): Promise<Rate> {
  const { replays } = bench.config.races;
  const deadline = performance.now() + REPLAYS_WITHIN_MS;
  let failed = 0;
  let of = 0;
  while (of < replays && (of === 0 || performance.now() < deadline)) {
    const { observations } = await playTrial(bench, race, { ...plan, isReplay: true });
    of += 1;
    if (observations.length > 0) failed += 1;
  }
  return { failed, of };
}

function addUp(
  results: readonly TrialResult[],
  bench: Bench,
  race: Race,
  reproduction?: Reproduction,
): CheckOutcome {
  const outcomes = results.map(({ outcome }) => outcome);
  const total = (pick: (outcome: CheckOutcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + pick(outcome), 0);
  const users = Math.min(USERS, bench.identities.length);
  return {
    observations: outcomes.flatMap(({ observations }) =>
      observations.map((seen) => (reproduction === undefined ? seen : { ...seen, reproduction })),
    ),
    events: total(({ events }) => events),
    control: {
      expected: total(({ control }) => control.expected),
      received: total(({ control }) => control.received),
    },
    patterns: [...new Set(results.map(({ pattern }) => pattern))],
    shown: `${users} users in ${results.length} fresh processes, delayed by the seeds ${bench.seed} to ${bench.seed + results.length - 1}: ${race.shown}, and each user got everything, once, in order, and nothing of anybody else`,
  };
}

/**
 * Two devices come at once and hear a run; meanwhile one comes and is lost without a word, another
 * comes and asks, and a third loses its line in the middle of a run and comes back.
 */
function comeAndGo(bench: Bench): Task {
  return async (user, ledger) => {
    const path = bench.agents.webSocket;
    const open = (): Promise<AgentDevice> => AgentDevice.open(user, path);
    const [phone, laptop] = await Promise.all([open(), open()]);
    const lost = async (): Promise<void> => (await open()).socket.terminate();
    const tablet = async (): Promise<void> =>
      ask(bench, user, ledger, {
        device: await open(),
        run: "second-run",
        thread: "second-thread",
      });
    const parts = [
      ask(bench, user, ledger, { device: phone, heardOn: [phone, laptop] }),
      lost(),
      tablet(),
    ];
    if (bench.agents.slow !== undefined)
      parts.push(reconnectInTheMiddle(bench, "slow-run")(user, ledger));
    await Promise.all(parts);
  };
}

/**
 * Two devices hear three runs that begin at once, one of them begun on both devices; a fourth is
 * cancelled as soon as it has begun: it ends once, by itself or cancelled.
 */
function askManyAtOnce(bench: Bench): Task {
  return async (user, ledger) => {
    const { answers, webSocket } = bench.agents;
    const open = (): Promise<AgentDevice> => AgentDevice.open(user, webSocket);
    const [phone, laptop] = await Promise.all([open(), open()]);
    const heardOn = [phone, laptop] as const;
    const parts = ["first", "second", "third"].map((name, place) => {
      const device = place % 2 === 0 ? phone : laptop;
      return ask(bench, user, ledger, {
        device,
        heardOn,
        run: `${name}-run`,
        thread: `${name}-thread`,
      });
    });
    laptop.start(askFor(user, answers, user.nameFor("first-run"), user.nameFor("first-thread")));
    await Promise.all([...parts, beginAndCancel(bench, heardOn)(user, ledger)]);
  };
}

function beginAndCancel(bench: Bench, heardOn: readonly [AgentDevice, AgentDevice]): Task {
  return async (user, ledger) => {
    const [phone, laptop] = heardOn;
    const runId = user.nameFor("short-run");
    for (const device of heardOn) ledger.expectRun({ user, device, runId, shape: undefined });
    phone.start(askFor(user, bench.agents.answers, runId, user.nameFor("short-thread")));
    await laptop.began(runId);
    laptop.cancel(runId);
    await Promise.all(heardOn.map((device) => device.ended(runId)));
  };
}
