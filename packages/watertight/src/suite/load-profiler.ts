import { fitScalability } from "../detectors/statistics/scalability.ts";
import type { Holder } from "../finding.ts";
import type { Fairness, LoadPoint, Performance } from "../report.ts";
import type { UserIdentity } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import {
  capFor,
  type Crowds,
  crowdsOf,
  levelsFor,
  type LoadRole,
  politeRoles,
  type SoloCost,
  thinkFor,
  warmUpRoles,
  windowFor,
} from "./load-plan.ts";
import { type LoadMeasurement, type LoadResult, playLoad } from "./load-round.ts";
import type { SuiteObservation } from "./round.ts";

/** A level that was played. */
export interface PlayedLevel extends LoadResult {
  readonly users: number;
  readonly thinkMs: number;
  /** Places that hold data of several users, if anybody looked. */
  readonly heldIn: readonly Holder[];
}

/** What the fairness trial came to. */
export interface PlayedCrowds {
  readonly requests: number;
  readonly polite: LoadResult;
  readonly flood: PlayedLevel;
}

type LookInside = (measured: LoadMeasurement) => boolean;

interface PlayOptions {
  readonly cost: SoloCost;
  readonly looks: LookInside;
  readonly windowMs?: number;
  readonly idleMs?: number;
  readonly capMs?: number;
}

/** What a lone user is asked for before its cost is known. */
const UNKNOWN: SoloCost = Object.freeze({ workMs: 0, medianMs: 0 });
/** Of fewer, no cost can be told. */
const MIN_SOLO_OPERATIONS = 3;
const IDLE_MS = 500;
const WARM_UP_MS = 1000;
const CROWD_WINDOW_MS = 1500;
const NEVER: LookInside = () => false;

/**
 * Plays a target under load, with real users over real sockets, and measures. All levels leave the
 * server about as idle, however many users there are: a Node server has one thread, and that a full
 * thread is slow is no finding. So whatever gets slower with more users gets slower by their number.
 */
export class PerformanceProfiler {
  readonly #bench: Bench;
  readonly played: LoadResult[] = [];

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Lets the server compile what it will run: before that, each operation costs several times as much. */
  async warmUp(): Promise<void> {
    const roles = warmUpRoles(this.#bench.identities);
    await this.#play("warming up", roles, {
      cost: UNKNOWN,
      looks: NEVER,
      windowMs: WARM_UP_MS,
      capMs: this.#bench.config.patienceMs,
    });
  }

  /**
   * The yardstick: a lone user, whose operations follow each other closely. One whose operations take
   * seconds gets more time.
   */
  async solo(): Promise<PlayedLevel> {
    const capMs = Math.max(capFor(UNKNOWN), this.#bench.config.patienceMs);
    const play = (cost: SoloCost): Promise<PlayedLevel> =>
      this.#play("load of 1 user", this.#polite(1, 0), { cost, looks: NEVER, capMs });
    const first = await play(UNKNOWN);
    const { count, p50 } = first.latency;
    const isSlow = first.operations < MIN_SOLO_OPERATIONS && count > 0 && p50 < capMs;
    return isSlow ? play({ workMs: 0, medianMs: p50 }) : first;
  }

  /**
   * What a lone user costs: the work of the server, or else of whoever waited, and of this process. With
   * `byLoop`, what the server's event loop was busy for counts, with a processor or without.
   */
  costOf({ latency, server, driverMsPerOperation }: LoadMeasurement, byLoop = false): SoloCost {
    const stretch = server === undefined || !byLoop ? 1 : server.loopShare / server.cpuShare;
    const serverMs = server === undefined ? latency.p50 : server.cpuPerOperation / 1000;
    const workMs = Math.max(serverMs * Math.max(1, stretch), driverMsPerOperation);
    return { workMs, medianMs: latency.p50 };
  }

  /** So many users at once; if `looks` says so of what was measured, the process is looked into meanwhile. */
  level(users: number, cost: SoloCost, looks: LookInside = NEVER): Promise<PlayedLevel> {
    const thinkMs = thinkFor(users, cost);
    const name = `load of ${users} users`;
    const idleMs = users === this.#bench.identities.length ? IDLE_MS : 0;
    return this.#play(name, this.#polite(users, thinkMs), { cost, looks, idleMs });
  }

  /** All levels between a lone user and everybody, fewest first. */
  async levels(cost: SoloCost): Promise<readonly PlayedLevel[]> {
    const levels: PlayedLevel[] = [];
    for (const users of levelsFor(this.#bench.identities.length)) {
      if (users > 1) levels.push(await this.level(users, cost));
    }
    return levels;
  }

  /** A few users beside many polite ones, then beside one who has as many requests in flight; see {@link Crowds}. */
  async crowds(
    cost: SoloCost,
    looks: (polite: LoadMeasurement, flood: LoadMeasurement) => boolean = NEVER,
  ): Promise<PlayedCrowds | undefined> {
    const crowds = crowdsOf(this.#bench.identities);
    if (crowds === undefined) return undefined;
    const polite = await this.#crowd("beside polite users", crowds.polite, cost);
    const flood = await this.#crowd("beside a flood of one user", crowds.flood, cost, (measured) =>
      looks(polite, measured),
    );
    return { requests: crowds.requests, polite, flood };
  }

  /** Puts together what was measured of time, for the report. */
  report(
    solo: PlayedLevel,
    levels: readonly PlayedLevel[],
    crowds: PlayedCrowds | undefined,
  ): Performance {
    const thinkMs = Math.max(...[solo, ...levels].map((level) => level.thinkMs));
    const points = [solo, ...levels].map((level) => pointOf(level, thinkMs));
    const fairness: Fairness | null =
      crowds === undefined
        ? null
        : { beside: crowds.polite.latency, flooded: crowds.flood.latency };
    return { solo: solo.latency, points, fit: fitScalability(points) ?? null, fairness };
  }

  #polite(users: number, thinkMs: number): readonly LoadRole[] {
    const identities: readonly UserIdentity[] = this.#bench.identities.slice(0, users);
    return politeRoles(identities, Math.max(thinkMs, thinkFor(1, UNKNOWN)));
  }

  #crowd(
    name: string,
    roles: Crowds["polite"],
    cost: SoloCost,
    looks: LookInside = NEVER,
  ): Promise<PlayedLevel> {
    return this.#play(name, roles, {
      cost,
      looks,
      windowMs: Math.max(CROWD_WINDOW_MS, 3 * cost.medianMs),
    });
  }

  async #play(
    name: string,
    roles: readonly LoadRole[],
    options: PlayOptions,
  ): Promise<PlayedLevel> {
    const { cost, looks, idleMs = 0 } = options;
    const { windowMs = windowFor(roles.length, cost), capMs = capFor(cost) } = options;
    let heldIn: readonly Holder[] = [];
    const result = await playLoad(this.#bench, {
      name,
      roles,
      windowMs,
      idleMs,
      capMs,
      looksInside: placesIn(this.played.flatMap(({ observations }) => observations)).length === 0,
      beforeLeaving: async (measured) => {
        if (looks(measured)) heldIn = await this.#bench.sharedPlaces();
      },
    });
    this.played.push(result);
    return { ...result, users: roles.length, thinkMs: roles[0]?.thinkMs ?? 0, heldIn };
  }
}

/** Where a leak's data was held, as far as anybody has looked. */
export function placesIn(observations: readonly SuiteObservation[]): readonly Holder[] {
  const held = observations.flatMap(({ kind, heldIn = [] }) => (kind === "leak" ? [heldIn] : []));
  return held.find((places) => places.length > 0) ?? [];
}

/**
 * Few users can be asked often enough for many samples only if they think less than many users do. Their
 * throughput is given for the same thinking as everybody's, by the response time law, X = N / (R + Z).
 * Source: P. J. Denning and J. P. Buzen, The Operational Analysis of Queueing Network Models (1978).
 */
function pointOf({ users, latency, meanMs, server }: PlayedLevel, thinkMs: number): LoadPoint {
  return {
    users,
    thinkMs,
    perSecond: (users * 1000) / (meanMs + thinkMs),
    latency,
    cpuPerOperation: server?.cpuPerOperation ?? null,
    cpuShare: server?.cpuShare ?? null,
  };
}
