import type { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import { SENTINEL } from "../canary.ts";
import { LatencyRecorder } from "../detectors/statistics/latency-recorder.ts";
import { AgentDevice } from "../drivers/agent-device.ts";
import { createDeferred, type Deferred } from "../internal/deferred.ts";
import { createRandom, hash, type Random } from "../internal/random.ts";
import { wait } from "../internal/wait.ts";
import { Barrier } from "../patterns/barrier.ts";
import type { UserTask } from "../patterns/pattern.ts";
import type { Percentiles } from "../report.ts";
import type { Received } from "../received.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { CpuReading } from "../target/probe/messages.ts";
import type { Bench } from "./bench.ts";
import { AgentClient, type LoadClient, ScenarioClient } from "./load-client.ts";
import { type AgentTalk, judgeRuns, judgeScenarios, type LoadControl } from "./load-delivery.ts";
import { type DriverState, DriverWatch } from "./load-driver.ts";
import type { LoadRole } from "./load-plan.ts";
import type { RoundResult, SuiteObservation } from "./round.ts";

/** A load: who plays which role, for how long. */
export interface LoadOptions {
  /** What the round is called, for people. */
  readonly name: string;
  readonly roles: readonly LoadRole[];
  readonly windowMs: number;
  /** How long everybody is merely connected before, to see what that costs. */
  readonly idleMs: number;
  readonly capMs: number;
  /** Called with everybody connected, with what was measured. */
  readonly beforeLeaving?: (measured: LoadMeasurement) => Promise<void>;
  /** Whether a leak makes the suite read what the process holds. */
  readonly looksInside: boolean;
}

/** How the server was doing meanwhile. */
export interface ServerState {
  /** Processor time in microseconds. */
  readonly cpuPerOperation: number;
  /** Share of a core. */
  readonly cpuShare: number;
  /** Share of the time in which its event loop was not idle, with a processor or without. */
  readonly loopShare: number;
}

/** What was measured while the load lasted. */
export interface LoadMeasurement {
  readonly latency: Percentiles;
  readonly meanMs: number;
  /** Operations that ended within the window. */
  readonly operations: number;
  /** Frames and answers with somebody's data in them that all users received, per operation. */
  readonly framesPerOperation: number;
  /** `undefined` where the server's process can't be seen, or where no operation ended. */
  readonly server: ServerState | undefined;
  /** What an operation cost this process, in milliseconds of processor time. */
  readonly driverMsPerOperation: number;
  readonly driver: DriverState;
}

export interface LoadResult extends LoadMeasurement {
  readonly name: string;
  readonly result: RoundResult;
  readonly observations: readonly SuiteObservation[];
  readonly control: LoadControl;
  /** What a scenario threw first. */
  readonly firstError: unknown;
}

/** So many users connect at the same time. */
const JOINING_AT_ONCE = 8;
/** A user who is refused tries again after this pause. */
const REFUSED_PAUSE_MS = 50;
/** So long before an operation a user puts away what the last one left. */
const PREPARATION_MS = 10;

/**
 * Plays one load: everybody connects, then all begin within the same moment, each with a phase of its
 * own, and go on until the window is over; nobody leaves before it was judged.
 */
export async function playLoad(bench: Bench, options: LoadOptions): Promise<LoadResult> {
  const load = new Load(bench, options);
  const over = createDeferred<void>();
  const measured = load.conduct(over.promise);
  const seed = bench.seed ^ hash(options.name);
  const { beforeLeaving } = options;
  const result = await bench
    .play({
      pattern: { name: options.name, equalNames: false, schedule: (tasks) => load.schedule(tasks) },
      identities: options.roles.map(({ identity }) => identity),
      task: (user, ledger) => {
        if (bench.config.agents === undefined) ledger.expectAnyOwn(user);
        return load.take(user, createRandom(seed + user.number));
      },
      looksInside: options.looksInside,
      onBegin: (capture) => load.listen(capture),
      ...(beforeLeaving === undefined
        ? {}
        : { beforeLeaving: async () => beforeLeaving(await measured) }),
    })
    .finally(() => over.resolve());
  return { name: options.name, ...(await measured), ...(await load.judge(result)), result };
}

class Load {
  readonly #bench: Bench;
  readonly #options: LoadOptions;
  readonly #roles: ReadonlyMap<number, LoadRole>;
  readonly #barrier: Barrier;
  readonly #joined = new Map<number, Deferred<void>>();
  readonly #begun = createDeferred<number>();
  readonly #latency = new LatencyRecorder();
  readonly #talks: AgentTalk[] = [];
  readonly #scenarios: ScenarioClient[] = [];
  /** Resolves when every user's part is over. */
  readonly #done = createDeferred<void>();
  readonly #ready = new Set<number>();
  #capture: WebSocketEventCapture | undefined;
  #operations = 0;

  constructor(bench: Bench, options: LoadOptions) {
    this.#bench = bench;
    this.#options = options;
    this.#roles = new Map(options.roles.map((role) => [role.identity.number, role]));
    // The conductor is one of those who must be ready.
    this.#barrier = new Barrier(options.roles.length + 1);
  }

  listen(capture: WebSocketEventCapture): void {
    this.#capture = capture;
  }

  /** Starts the users a few at a time; the next begins when one before has joined, or has failed to. */
  async schedule(tasks: readonly UserTask[]): Promise<void> {
    const parts: Promise<void>[] = [];
    const rest = tasks.map((task, place) => ({ task, role: this.#options.roles[place] }));
    const admit = async (): Promise<void> => {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
        const joined = createDeferred<void>();
        const number = next.role?.identity.number ?? -1;
        this.#joined.set(number, joined);
        const part = next.task(() => Promise.resolve());
        parts.push(part.finally(() => this.#excuse(number)));
        await Promise.race([joined.promise, part]);
      }
    };
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, admit));
    await Promise.all(parts);
    this.#done.resolve();
  }

  /** One user's part: connect, wait for all others, ask and think until the window is over. */
  async take(user: SimulatedUser, random: Random): Promise<void> {
    const role = this.#roles.get(user.number);
    if (role === undefined) return;
    const clients = await this.#join(user, role);
    this.#ready.add(user.number);
    this.#joined.get(user.number)?.resolve();
    await this.#barrier.arrive();
    const startAt = await this.#begun.promise;
    await Promise.all(clients.map((client) => this.#converse(client, role, { startAt, random })));
  }

  /** Whoever could not even join is not waited for. */
  #excuse(number: number): void {
    if (!this.#ready.has(number)) this.#barrier.leave();
  }

  async #join(
    user: SimulatedUser,
    { loops, isMeasured }: LoadRole,
  ): Promise<readonly LoadClient[]> {
    const numbers = Array.from({ length: loops }, (_, number) => number);
    if (this.#bench.config.agents !== undefined) {
      const device = await AgentDevice.open(user, this.#bench.agents.webSocket);
      const talks = numbers.map((number) => new AgentClient(this.#bench, user, device, number));
      this.#talks.push(...talks.map((client) => ({ user, client, isMeasured })));
      return talks;
    }
    const clients = numbers.map(() => new ScenarioClient(this.#bench, user, loops === 1));
    if (isMeasured) this.#scenarios.push(...clients);
    // A user of a scenario is connected by what the scenario does.
    await clients[0]?.operate(this.#options.capMs);
    return clients;
  }

  /**
   * Asks and thinks in turns. An operation counts from the moment at which it was meant to begin. A user
   * whose operation had to be given up gives up.
   */
  async #converse(
    client: LoadClient,
    { thinkMs, periodMs, isMeasured }: LoadRole,
    { startAt, random }: { readonly startAt: number; readonly random: Random },
  ): Promise<void> {
    const { windowMs, capMs } = this.#options;
    const endAt = startAt + windowMs;
    let moment = startAt + random.next() * Math.max(thinkMs, periodMs);
    while (moment < endAt) {
      await until(moment - PREPARATION_MS);
      await client.prepare();
      await until(moment);
      // A timer may be a little early, too.
      const begunAt = Math.min(moment, performance.now());
      const ending = await client.operate(capMs);
      const now = performance.now();
      if (isMeasured) this.#latency.record(now - begunAt);
      if (now <= endAt && ending === "answered") this.#operations += 1;
      if (ending === "capped") return;
      const pauseMs = ending === "failed" ? REFUSED_PAUSE_MS : 0;
      moment = Math.max(now + pauseMs + thinkMs * (0.5 + random.next()), begunAt + periodMs);
    }
  }

  /** Judges what everybody received in the whole round. */
  async judge(
    result: RoundResult,
  ): Promise<Pick<LoadResult, "observations" | "control" | "firstError">> {
    const { agents } = this.#bench.config;
    const judged =
      agents === undefined
        ? { observations: [], control: judgeScenarios(this.#scenarios, result.control) }
        : await judgeRuns(this.#bench, this.#talks);
    const absent = agents === undefined ? 0 : this.#options.roles.length - this.#ready.size;
    const pattern = { name: this.#options.name, seed: this.#bench.seed };
    const own = judged.observations.map((observation) => ({ ...observation, pattern }));
    const failed = this.#scenarios.find(({ firstError }) => firstError !== undefined);
    const failedUser = result.outcomes.find(({ error }) => error !== undefined);
    return {
      observations: [...result.observations, ...own],
      control: { ...judged.control, expected: judged.control.expected + absent },
      firstError: failed?.firstError ?? failedUser?.error,
    };
  }

  /** Reads the clocks when all are ready, and again when the window is over. */
  async conduct(over: Promise<void>): Promise<LoadMeasurement> {
    const { idleMs, windowMs } = this.#options;
    const ended = Promise.race([this.#done.promise, over]);
    await Promise.race([this.#barrier.arrive(), ended]);
    const idleSince = idleMs > 0 ? await this.#readServer() : undefined;
    if (idleMs > 0) await Promise.race([wait(idleMs), ended]);
    const before = await this.#readServer();
    const framesBefore = this.#capture?.received.length ?? 0;
    const watch = new DriverWatch();
    this.#begun.resolve(performance.now());
    await Promise.race([wait(windowMs), ended]);
    const operations = this.#operations;
    const framesAfter = this.#capture?.received.length ?? 0;
    const driverMs = watch.cpuMs;
    const driver = watch.stop();
    const after = await this.#readServer();
    const frames = this.#capture?.received.slice(framesBefore, framesAfter) ?? [];
    await ended;
    return {
      latency: this.#latency.percentiles(),
      meanMs: this.#latency.meanMs,
      operations,
      framesPerOperation: perOperation(frames.filter(isNews).length, operations),
      server: serverState({ idleSince, before, after, operations }),
      driverMsPerOperation: perOperation(driverMs, operations),
      driver,
    };
  }

  async #readServer(): Promise<CpuReading | undefined> {
    return this.#bench.witness.cpu().catch(() => undefined);
  }
}

interface ServerReadings {
  readonly idleSince: CpuReading | undefined;
  readonly before: CpuReading | undefined;
  readonly after: CpuReading | undefined;
  readonly operations: number;
}

/** What a server does for those who are merely connected (heartbeats, say) is no part of an operation. */
function serverState({
  idleSince,
  before,
  after,
  operations,
}: ServerReadings): ServerState | undefined {
  if (before === undefined || after === undefined || operations === 0) return undefined;
  const windowMs = after.atMs - before.atMs;
  const cpuMs = after.cpuMs - before.cpuMs;
  const idleShare =
    idleSince === undefined ? 0 : (before.cpuMs - idleSince.cpuMs) / (before.atMs - idleSince.atMs);
  return {
    cpuPerOperation: perOperation(Math.max(0, cpuMs - idleShare * windowMs) * 1000, operations),
    cpuShare: cpuMs / windowMs,
    loopShare: (after.loopMs - before.loopMs) / windowMs,
  };
}

function perOperation(total: number, operations: number): number {
  return operations === 0 ? 0 : total / operations;
}

/** Heartbeats carry nobody's data. */
function isNews({ bytes }: Received): boolean {
  return bytes.includes(SENTINEL);
}

async function until(moment: number): Promise<void> {
  const ms = moment - performance.now();
  if (ms > 0) await wait(ms);
}
