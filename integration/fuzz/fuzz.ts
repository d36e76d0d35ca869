import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../chaos/random.ts";
import type { World } from "./grammar.ts";
import { type FuzzInput, loadInputs } from "./input.ts";
import type { ServerState } from "./messages.ts";
import type { FuzzOptions } from "./options.ts";
import {
  type FuzzFinding,
  isExpected,
  judgeAnswer,
  judgeMemory,
  judgeTables,
  judgeTurns,
} from "./oracle.ts";
import { play } from "./player.ts";
import { Pulse } from "./pulse.ts";
import { requestInput } from "./requests.ts";
import { FuzzedServer } from "./server-process.ts";
import { webSocketInput } from "./web-sockets.ts";
import { Witnesses } from "./witnesses.ts";

/** What was done and what came of it. */
export interface FuzzOutcome {
  readonly inputs: number;
  readonly tookMs: number;
  readonly kinds: ReadonlyMap<string, number>;
  readonly statuses: ReadonlyMap<number, number>;
  readonly witnessRuns: number;
  readonly slowestMs: number;
  readonly before: ServerState | undefined;
  readonly after: ServerState | undefined;
  readonly findings: readonly FuzzFinding[];
}

const FUZZERS = 8;
/** So many play at once. */
const LANES = 24;
/** Before the memory is measured for the first time: code must be compiled and tables grown. */
const WARM_UP = Object.freeze({ most: 400, perSecond: 20 });
/** The inputs that may be to blame if the server falls over. */
const REMEMBERED = 48;
const MAX_FINDINGS = 10;
/** The server must answer a plain question in this time, whatever it is busy with. */
const MAX_PULSE_MS = 15_000;
const SETTLE_MS = 25_000;

/** One server, two users who behave, and as much nonsense as fits into the time. */
export class Fuzz {
  readonly #options: FuzzOptions;
  readonly #random: Random;
  readonly #server: FuzzedServer;
  readonly #findings: FuzzFinding[] = [];
  readonly #recent: FuzzInput[] = [];
  readonly #kinds = new Map<string, number>();
  readonly #statuses = new Map<number, number>();
  #witnesses: Witnesses | undefined;
  #port = 0;
  #inputs = 0;

  constructor(options: FuzzOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#server = new FuzzedServer({ seed: options.seed }, (trouble) => {
      if (isExpected(trouble)) return;
      const { stage, code, message } = trouble;
      this.#find(`the server told its operator (${stage}, ${code}): ${message}`, this.#recent);
    });
  }

  /** Inputs that were played. */
  get inputs(): number {
    return this.#inputs;
  }

  get findings(): readonly FuzzFinding[] {
    return this.#findings;
  }

  async play(): Promise<FuzzOutcome> {
    this.#port = await this.#server.listening();
    this.#witnesses = new Witnesses(this.#port, this.#options.seed, this.#random.fork("witnesses"));
    while (!this.#witnesses.isReady) await delay(20);
    const pulse = new Pulse(this.#port);
    const { replay, seconds } = this.#options;
    const isReplay = replay !== undefined;
    const warmUp = isReplay ? 0 : Math.min(WARM_UP.most, WARM_UP.perSecond * seconds);
    await this.#feed(() => this.#inputs >= warmUp);
    const before = await this.#settle(undefined);
    const begun = performance.now();
    const first = this.#inputs;
    if (!isReplay) await this.#feed(() => performance.now() - begun > seconds * 1000);
    else await this.#playAll(loadInputs(replay));
    const tookMs = performance.now() - begun;
    const inputs = this.#inputs - first;
    const after = before === undefined ? undefined : await this.#settle(before);
    const slowestMs = pulse.stop();
    if (slowestMs > MAX_PULSE_MS) this.#find(`the server did not answer for ${slowestMs} ms`, []);
    const witnessRuns = this.#witnesses.endedRuns;
    if (this.#server.isAlive) {
      for (const what of await this.#witnesses.judge()) this.#find(what, this.#recent);
    }
    const told = { kinds: this.#kinds, statuses: this.#statuses, findings: this.#findings };
    return { inputs, tookMs, witnessRuns, slowestMs, before, after, ...told };
  }

  /** Ends the server, whatever is going on. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Plays what comes to mind, until it is enough or nothing is left to be found. */
  async #feed(isEnough: () => boolean): Promise<void> {
    const lane = async (): Promise<void> => {
      while (!isEnough() && this.#server.isAlive && this.#findings.length < MAX_FINDINGS) {
        await this.#play(this.#imagine());
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #playAll(inputs: readonly FuzzInput[]): Promise<void> {
    for (const input of inputs) if (this.#server.isAlive) await this.#play(input);
  }

  #imagine(): FuzzInput {
    const random = this.#random.fork(`input-${this.#inputs}`);
    const userId = `fuzzer-${random.between(1, FUZZERS)}`;
    const make = random.chance(0.5) ? webSocketInput : requestInput;
    return make(random, this.#world(), userId);
  }

  #world(): World {
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    return {
      agents: ["streamer", "echo", "liar", "thrower", "hung", "asker"],
      runIds: numbers.map((number) => `run-${number}`),
      threadIds: ["thread-0", "thread-1", "thread-2"],
      sessions: this.#witnesses?.sessions ?? [],
      positions: this.#witnesses?.positions ?? [],
    };
  }

  async #play(input: FuzzInput): Promise<void> {
    this.#inputs += 1;
    this.#recent.push(input);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    for (const kind of input.kind.split(/[ +]/)) count(this.#kinds, kind);
    const answer = await play(this.#port, input);
    for (const status of answer.statuses) count(this.#statuses, status);
    const wrong = judgeAnswer(answer, this.#options.seed, input);
    if (wrong !== undefined) this.#find(`${input.userId} ${wrong} (${input.kind})`, [input]);
  }

  /** Waits until the fuzzers are forgotten; answers what is left. */
  async #settle(before: ServerState | undefined): Promise<ServerState | undefined> {
    const deadline = performance.now() + SETTLE_MS;
    const fuzzers = Array.from({ length: FUZZERS }, (_, index) => `fuzzer-${index + 1}`);
    const tables = { users: 2, connections: 4, sockets: 5 };
    try {
      await this.#server.forget([...fuzzers, "__proto__"]);
      let state = await this.#server.state();
      while (judgeTables(tables, state) !== undefined && performance.now() < deadline) {
        await delay(250);
        state = await this.#server.state();
      }
      const left = judgeTables(tables, state);
      if (left !== undefined) this.#find(left, []);
      const grown = before === undefined ? undefined : judgeMemory(before, state);
      if (grown !== undefined) this.#find(grown, []);
      const late = judgeTurns(state);
      if (late !== undefined) this.#find(late, []);
      return state;
    } catch (error) {
      this.#find((error as Error).message, this.#recent);
      return undefined;
    }
  }

  #find(what: string, inputs: readonly FuzzInput[]): void {
    if (this.#findings.length >= MAX_FINDINGS) return;
    if (this.#findings.some((finding) => finding.what === what)) return;
    this.#findings.push({ what, inputs: [...inputs] });
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
