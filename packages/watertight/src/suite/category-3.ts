import { AgentDevice } from "../drivers/agent-device.ts";
import type { Holder } from "../finding.ts";
import type { Observation } from "../observation.ts";
import { overlap } from "../patterns/pattern.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { ask, type Task } from "./conversations.ts";
import { few } from "./memory-findings.ts";
import type { RoundResult, SuiteObservation } from "./round.ts";
import type { SingletonEvidence } from "../detectors/heap-graph/singleton-detector.ts";

type Component = "manager" | "bridge" | "registry";

const SEEN_IN_MEMORY = "seen in memory; nobody was seen to receive it";

/**
 * Checks of how the components are made. All three look at the same two pictures of the process:
 * one with every user connected on two devices, one after all have left.
 */
export const category3: Category = Object.freeze({
  id: 3,
  title: "Factory pattern validation",
  checks: [
    uniqueness("3.1", "manager uniqueness", "manager"),
    uniqueness("3.2", "bridge uniqueness", "bridge"),
    uniqueness("3.3", "registry uniqueness", "registry"),
  ],
});

function uniqueness(id: string, title: string, component: Component): Check {
  return Object.freeze<Check>({
    id,
    title,
    needs: ["agents", "process"],
    run: (bench) => judgeComponent(bench, component),
  });
}

async function judgeComponent(bench: Bench, component: Component): Promise<CheckOutcome> {
  const pictures = await bench.once("census", () => takePictures(bench));
  const className = bench.config.classes[component];
  const occupied = pictures.occupied.get(className);
  const { result } = pictures;
  const users = result.outcomes.filter(({ error }) => error === undefined).length;
  const outcome = {
    events: result.events,
    control: result.control,
    patterns: [overlap.name],
    shown: `${occupied?.instances ?? 0} instances of ${className} for ${users} users on two devices each, no state in common, all let go of when the users left`,
  };
  if (occupied === undefined || occupied.instances === 0) {
    const inconclusive = `No instance of class ${className} was found in the process while ${users} users were connected; name yours in the config: classes.${component}`;
    return { ...outcome, observations: [], inconclusive };
  }
  const ref = { name: overlap.name, seed: bench.seed };
  const broken = [
    ...sharingIn(className, occupied, users),
    ...splittingIn(className, occupied, component),
    ...retentionIn(className, pictures, component),
  ].map((observation): SuiteObservation => ({ ...observation, pattern: ref }));
  return { ...outcome, observations: withFrames(broken, result.observations, component) };
}

/**
 * That users share something is proved by a frame that reached the wrong user in the same round,
 * where there is one. A leak that no broken law explains must not get lost: the first check reports it.
 */
function withFrames(
  broken: readonly SuiteObservation[],
  seen: readonly SuiteObservation[],
  component: Component,
): readonly SuiteObservation[] {
  const leaks = seen.filter(({ kind }) => kind === "leak");
  const isShared = ({ kind }: SuiteObservation): boolean => kind.startsWith("shared-");
  if (!broken.some(isShared)) return component === "manager" ? [...broken, ...leaks] : broken;
  const [leak] = leaks;
  if (leak === undefined) return broken;
  const { from, to, frame, canary } = leak;
  const evidence = { tier: "proved", from, to, frame, canary } as Partial<SuiteObservation>;
  return broken.map((observation) => {
    if (!isShared(observation)) return observation;
    const { lacks: _, ...rest } = observation;
    const title = `${observation.title}; meanwhile ${to} received data of ${from}`;
    return { ...rest, ...evidence, title };
  });
}

interface Pictures {
  readonly result: RoundResult;
  readonly occupied: ReadonlyMap<string, SingletonEvidence>;
  readonly left: ReadonlyMap<string, SingletonEvidence>;
  readonly holdersAfter: readonly Holder[];
}

async function takePictures(bench: Bench): Promise<Pictures> {
  const classNames = Object.values(bench.config.classes);
  let occupied: ReadonlyMap<string, SingletonEvidence> = new Map();
  const memoryBefore = await bench.witness.memory();
  const result = await bench.play({
    pattern: overlap,
    task: settleIn(bench),
    beforeLeaving: async () => {
      bench.reportMemory((await bench.witness.memory()) - memoryBefore);
      occupied = await bench.witness.census(classNames);
    },
  });
  const { census, holders } = await bench.witness.afterRelease(
    classNames,
    bench.config.releaseWithinMs,
  );
  return { result, occupied, left: census, holdersAfter: holders };
}

/**
 * Two devices and a run: enough for every component of the user to exist and hold something. Every
 * third user then loses a third device without a word, as in a tunnel: its clean-up must not hang.
 */
function settleIn(bench: Bench): Task {
  return async (user, ledger) => {
    const phone = await AgentDevice.open(user, bench.agents.webSocket);
    const laptop = await AgentDevice.open(user, bench.agents.webSocket);
    await ask(bench, user, ledger, { device: phone, heardOn: [phone, laptop] });
    if (user.number % 3 !== 0) return;
    const lost = await AgentDevice.open(user, bench.agents.webSocket);
    lost.socket.terminate();
  };
}

/** Law: each user has components of their own, and those of two users share no mutable state. */
function sharingIn(className: string, census: SingletonEvidence, users: number): Observation[] {
  const { instances, usersPerInstance, keepers, staticHolders, sharedState } = census;
  const crowded = usersPerInstance.filter((names) => names.length > 1);
  const [largest = []] = [...crowded].sort((a, b) => b.length - a.length);
  const about = {
    tier: "shared",
    lacks: "no user was seen to receive another's data in this round",
    ...pair(largest),
    occurrences: Math.max(1, crowded.length),
    heldIn: few([...(instances < users ? keepers : []), ...staticHolders, ...sharedState]),
  } as const;
  if (instances < users) {
    const number = instances === 1 ? "One instance" : `${instances} instances`;
    const held = crowded.length > 0 ? `; one held data of ${largest.length} of them` : "";
    const title = `${number} of ${className} served ${users} users${held}`;
    const expected = `an instance of ${className} for each user`;
    return [{ kind: "shared-instance", title, expected, ...about }];
  }
  const inStatics = Math.max(0, ...staticHolders.map((holder) => holder.users));
  if (crowded.length === 0 && inStatics < 2) return [];
  const title = `${instances} instances of ${className} stand before one shared place that holds data of ${Math.max(largest.length, inStatics)} users`;
  const expected = "instances of two users to reach no mutable state in common";
  return [{ kind: "shared-state", title, expected, ...about }];
}

/** Law: two lookups in one scope give the same instance; two devices of a user are one user. */
function splittingIn(
  className: string,
  census: SingletonEvidence,
  component: Component,
): Observation[] {
  if (component === "registry") return [];
  const count = new Map<string, number>();
  for (const names of census.usersPerInstance) {
    const [only] = names;
    if (names.length === 1 && only !== undefined) count.set(only, (count.get(only) ?? 0) + 1);
  }
  const split = [...count].filter(([, instances]) => instances > 1);
  const [first] = split;
  if (first === undefined) return [];
  const [name, instances] = first;
  return [
    {
      kind: "split-scope",
      tier: "shared",
      title: `${name} has ${instances} instances of ${className}, one for each device${split.length > 1 ? `; the same for ${split.length - 1} other users` : ""}`,
      lacks: SEEN_IN_MEMORY,
      to: name,
      occurrences: split.length,
      expected: "both devices of a user to be served by one instance",
    },
  ];
}

/** Law: what a user left behind is collectable, the component as well as what it wrote down elsewhere. */
function retentionIn(
  className: string,
  pictures: Pictures,
  component: Component,
): readonly Observation[] {
  const { occupied, left, holdersAfter } = pictures;
  const census = left.get(className);
  if (census !== undefined && census.instances > 0) {
    const names = [...new Set(census.usersPerInstance.flat())];
    return [
      {
        kind: "retained",
        tier: "retained",
        lacks: SEEN_IN_MEMORY,
        title: `${census.instances} of ${occupied.get(className)?.instances ?? 0} instances of ${className} are still held after all users left`,
        ...pair(names),
        occurrences: census.instances,
        expected: `no instance of ${className} to be reachable once its user is gone`,
        heldIn: few([...census.staticHolders, ...holdersAfter]),
      },
    ];
  }
  const [largest] = holdersAfter;
  if (component !== "manager" || largest === undefined) return [];
  return [
    {
      kind: "retained",
      tier: "retained",
      lacks: SEEN_IN_MEMORY,
      title: `Data of ${largest.users} users is still held in ${largest.variable} after all users left`,
      occurrences: largest.users,
      expected: "nothing of a user to be reachable once the user is gone",
      heldIn: few(holdersAfter),
    },
  ];
}

function pair(names: readonly string[]): { from?: string; to?: string } {
  const [to, from] = names;
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
