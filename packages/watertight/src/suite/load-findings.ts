import type { Measurement } from "../finding.ts";
import type { Observation } from "../observation.ts";
import type { ScalabilityFit } from "../report.ts";
import type { LoadMeasurement, ServerState } from "./load-round.ts";
import type { PlayedCrowds, PlayedLevel } from "./load-profiler.ts";
import { sum } from "./summary.ts";

/** An operation with many users that takes so much longer than alone is suspicious. */
const SLOWER = 3;
/**
 * A share of a core, or of the event loop's time, above which a server has no time to wait for anything
 * else. A loop is also busy while its process would work, but gets no processor.
 */
const BUSY_SHARE = 0.8;
/** Less is the noise of timers, collectors and neighbours, whatever the ratio. */
const NOISE_MS = 50;
/** An operation of many users that costs so much more than with few is not the user's own. */
const DEARER = 3;
const NOISE_CPU_US = 50;
const NOISE_FRAMES = 2;
/** The others beside a flood of one may wait so much longer than beside as many polite users. */
const UNFAIR = 3;

const KEPT = "an operation to take about as long as alone while the processor has time";
const OWN_COST = "an operation to cost what it costs alone, however many others are connected";
const TURNS = "users to wait about as long beside one busy user as beside many";

/** Whether operations took longer with more users, though the processor was idle. */
export function isContended(solo: LoadMeasurement, level: LoadMeasurement): boolean {
  return isSlower(solo, level) && level.server !== undefined && !isBusy(level.server);
}

/** Whether a server had hardly time left to wait for anything but its processor. */
export function isBusy({ cpuShare, loopShare }: ServerState): boolean {
  return Math.max(cpuShare, loopShare) >= BUSY_SHARE;
}

/** Whether operations took clearly longer, whatever the reason. */
export function isSlower(solo: LoadMeasurement, level: LoadMeasurement): boolean {
  const alone = solo.latency.p50;
  const { p50, count } = level.latency;
  return count > 0 && p50 >= SLOWER * alone && p50 - alone >= NOISE_MS;
}

/** What an operation costs with few users: server time in microseconds, and frames received. */
export interface FewUsers {
  readonly most: number;
  readonly cpuPerOperation: number | undefined;
  readonly framesPerOperation: number;
}

/** The cost at the two lowest levels, together; at the lowest alone if there are but two. */
export function fewUsersOf(levels: readonly PlayedLevel[]): FewUsers {
  const few = levels.slice(0, Math.max(1, Math.min(2, levels.length - 1)));
  const operations = sum(few.map((level) => level.operations));
  const mean = (of: (level: PlayedLevel) => number): number =>
    operations === 0 ? 0 : sum(few.map((level) => of(level) * level.operations)) / operations;
  const isSeen = few.every(({ server }) => server !== undefined);
  return {
    most: few.at(-1)?.users ?? 1,
    cpuPerOperation: isSeen ? mean(({ server }) => server?.cpuPerOperation ?? 0) : undefined,
    framesPerOperation: mean(({ framesPerOperation }) => framesPerOperation),
  };
}

/** Whether an operation costs the server, or sends, much more with many users than with few. */
export function isDearer(few: FewUsers, level: LoadMeasurement): boolean {
  return level.operations > 0 && (isCpuDearer(few, level) || hasMoreFrames(few, level));
}

function isCpuDearer({ cpuPerOperation: base }: FewUsers, { server }: LoadMeasurement): boolean {
  if (server === undefined || base === undefined) return false;
  const { cpuPerOperation } = server;
  return cpuPerOperation >= DEARER * base && cpuPerOperation - base >= NOISE_CPU_US;
}

function hasMoreFrames(few: FewUsers, { framesPerOperation }: LoadMeasurement): boolean {
  const base = few.framesPerOperation;
  return framesPerOperation >= DEARER * base && framesPerOperation - base >= NOISE_FRAMES;
}

/** Whether users wait much longer beside a flood of one than beside as many polite users. */
export function isUnfair(polite: LoadMeasurement, flood: LoadMeasurement): boolean {
  const { p50, count } = flood.latency;
  const beside = polite.latency.p50;
  return (
    count > 0 && polite.latency.count > 0 && p50 >= UNFAIR * beside && p50 - beside >= NOISE_MS
  );
}

export function contention(
  solo: LoadMeasurement,
  level: PlayedLevel,
  fit: ScalabilityFit | null,
): Observation {
  const { latency, server, users } = level;
  const alone = solo.latency.p50;
  const share = server?.cpuShare ?? 0;
  const loop = server?.loopShare ?? 0;
  return {
    ...about(level),
    kind: "contention",
    title: `With ${users} users an operation took ${ms(latency.p50)} (p50), ${times(latency.p50 / alone)} the ${ms(alone)} of a lone user, while the server used ${percent(share)} of a core`,
    expected: KEPT,
    measured: [
      measure("p50 of a lone user", alone, "ms"),
      { ...measure(`p50 with ${users} users`, latency.p50, "ms"), limit: round(SLOWER * alone) },
      { ...measure("processor time of the server", share * 100, "%"), limit: BUSY_SHARE * 100 },
      measure("time in which its event loop was not idle", loop * 100, "%"),
      ...(fit === null
        ? []
        : [measure("work that is done by one user after another (σ)", fit.contention * 100, "%")]),
    ],
  };
}

export function costPerUser(few: FewUsers, level: PlayedLevel): Observation {
  const { server, users, framesPerOperation } = level;
  const withFew = few.most === 1 ? "a lone user" : `${few.most} users at most`;
  const base = few.cpuPerOperation ?? 0;
  const cpu = server?.cpuPerOperation ?? 0;
  const frames = few.framesPerOperation;
  const reasons = [
    ...(isCpuDearer(few, level)
      ? [`cost the server ${round(cpu)} µs, ${times(cpu / base)} as much as with ${withFew}`]
      : []),
    ...(hasMoreFrames(few, level)
      ? [`made users receive ${round(framesPerOperation)} frames, with ${withFew} ${round(frames)}`]
      : []),
  ];
  const costs = [
    measure(`processor time of an operation with ${withFew}`, base, "µs"),
    {
      ...measure(`processor time of an operation with ${users} users`, cpu, "µs"),
      limit: round(DEARER * base),
    },
  ];
  return {
    ...about(level),
    kind: "cost-per-user",
    title: `With ${users} users an operation ${reasons.join(", and ")}`,
    expected: OWN_COST,
    measured: [
      ...(server === undefined ? [] : costs),
      measure(`frames received per operation with ${withFew}`, frames, ""),
      {
        ...measure(`frames received per operation with ${users} users`, framesPerOperation, ""),
        limit: round(DEARER * frames),
      },
    ],
  };
}

export function unfair({ requests, polite, flood }: PlayedCrowds, floodedBy: string): Observation {
  const beside = polite.latency.p50;
  const { p50 } = flood.latency;
  return {
    ...about(flood),
    kind: "unfair",
    title: `While ${floodedBy} kept ${requests} requests in flight, the others waited ${ms(p50)} (p50), ${times(p50 / beside)} the ${ms(beside)} beside ${requests} users with one request each`,
    from: floodedBy,
    expected: TURNS,
    measured: [
      measure(`p50 beside ${requests} polite users`, beside, "ms"),
      { ...measure("p50 beside the flood of one user", p50, "ms"), limit: round(UNFAIR * beside) },
    ],
  };
}

function about({ heldIn }: PlayedLevel): Pick<Observation, "tier" | "occurrences" | "heldIn"> {
  return { tier: "proved", occurrences: 1, heldIn };
}

function measure(name: string, value: number, unit: Measurement["unit"]): Measurement {
  return { name, value: round(value), unit };
}

/** Three digits: what was measured is not better than that. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

export function ms(value: number): string {
  return `${round(value)} ms`;
}

export function percent(share: number): string {
  return `${round(share * 100)} %`;
}

export function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${round(ratio)} times` : "many times";
}
