import { AgentDevice } from "../drivers/agent-device.ts";
import { createRandom, hash, type Random } from "../internal/random.ts";
import { wait } from "../internal/wait.ts";
import { overlap, type Pattern } from "../patterns/pattern.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import { dying } from "./category-2.ts";
import type { Category, Check, CheckOutcome } from "./check.ts";
import { ask, playScenario, reconnectInTheMiddle, type Task } from "./conversations.ts";
import type { RoundLedger } from "./round.ts";
import { askFor } from "./solo-baseline.ts";
import { summarize } from "./summary.ts";

/** A leak that arrives late is a leak. */
const LATE_LEAK_MS = 1000;
/** How long a user thinks between two things. */
const THINKING_MS = 400;
const FLOOD = 40;
const FLOOD_PAUSE_MS = 1500;
const SLOW_READER_MS = 600;
/** Two devices of their own, and what they do meanwhile: one more. */
const AGENTS_AT_ONCE = 3;

/** Everything at once, names included: all users give their threads and runs the same ones. */
const everything: Pattern = Object.freeze({
  ...overlap,
  name: "everything at once",
  equalNames: true,
});

const comprehensiveIsolation: Check = Object.freeze<Check>({
  id: "7.1",
  title: "comprehensive isolation",
  needs: [],
  async run(bench: Bench): Promise<CheckOutcome> {
    const clock = new Clock(bench.config.everything);
    const task = bench.config.agents === undefined ? scenarios(bench, clock) : lives(bench, clock);
    const result = await bench.play({ pattern: everything, task, quietMs: LATE_LEAK_MS });
    const users = bench.identities.length;
    return summarize(
      [{ pattern: everything.name, result }],
      (events) =>
        `${users} users did ${clock.operations} things in ${clock.seconds} s, ${bench.config.agents === undefined ? "" : "with reconnects, cancels, two devices, slow readers, a death and a flood, "}all at once: ${events} frames scanned, every one its owner's`,
    );
  },
});

/** The check of everything at once. */
export const category7: Category = Object.freeze({
  id: 7,
  title: "Comprehensive validation",
  checks: [comprehensiveIsolation],
});

/** How long it goes on: for a time, or until so many operations have begun. */
class Clock {
  operations = 0;
  readonly #startedAt = performance.now();
  readonly #limit: number;
  readonly #endsAt: number;

  constructor({ seconds, operations }: Bench["config"]["everything"]) {
    this.#limit = operations ?? Number.POSITIVE_INFINITY;
    this.#endsAt = this.#startedAt + seconds * 1000;
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#startedAt) / 1000);
  }

  /** Says whether there is time for one more, and counts it. */
  takesOneMore(): boolean {
    if (this.operations >= this.#limit || performance.now() >= this.#endsAt) return false;
    this.operations += 1;
    return true;
  }
}

function scenarios(bench: Bench, clock: Clock): Task {
  return async (user, ledger) => {
    const random = randomOf(bench, user);
    while (clock.takesOneMore()) {
      await playScenario(bench)(user, ledger);
      await wait(random.next() * THINKING_MS, user.signal);
    }
  };
}

/** What users have in common: a phone and a laptop; what sets them apart: what happens to them. */
function lives(bench: Bench, clock: Clock): Task {
  return async (user, ledger) => {
    if (user.number === 1 && bench.agents.dies !== undefined) return dying(bench)(user, ledger);
    if (user.number === 2) return flood(bench, clock)(user, ledger);
    const life = await Life.begin(bench, user, ledger);
    while (clock.takesOneMore()) await life.goOn();
  };
}

/**
 * One user asks for more than anybody should, again and again, and waits for nothing. What the server
 * makes of that is its own affair, as long as the others don't notice.
 */
function flood(bench: Bench, clock: Clock): Task {
  return async (user) => {
    const device = await AgentDevice.open(user, bench.agents.webSocket);
    for (let wave = 1; clock.takesOneMore(); wave += 1) {
      for (let run = 0; run < FLOOD; run += 1) {
        const [runId, threadId] = [`run-${wave}-${run}`, "thread"].map((name) =>
          user.nameFor(name),
        );
        device.start(askFor(user, bench.agents.answers, runId ?? "", threadId ?? ""));
      }
      await device.socket.sent;
      await wait(FLOOD_PAUSE_MS, user.signal);
    }
  };
}

/** One user's session, from the first device to the last operation. */
class Life {
  readonly #bench: Bench;
  readonly #user: SimulatedUser;
  readonly #ledger: RoundLedger;
  readonly #random: Random;
  readonly #devices: readonly [AgentDevice, AgentDevice];
  #number = 0;

  private constructor(
    { bench, user, ledger }: { bench: Bench; user: SimulatedUser; ledger: RoundLedger },
    devices: readonly [AgentDevice, AgentDevice],
  ) {
    this.#bench = bench;
    this.#user = user;
    this.#ledger = ledger;
    this.#devices = devices;
    this.#random = randomOf(bench, user);
  }

  static async begin(bench: Bench, user: SimulatedUser, ledger: RoundLedger): Promise<Life> {
    const path = bench.agents.webSocket;
    const phone = await AgentDevice.open(user, path);
    const laptop = await AgentDevice.open(user, path);
    return new Life({ bench, user, ledger }, [phone, laptop]);
  }

  /** Does the next thing, and thinks. */
  async goOn(): Promise<void> {
    const doNext = [
      () => this.#askOne(),
      () => this.#askSeveral(),
      () => this.#readSlowly(),
      () => this.#cancel(),
      () => this.#reconnect(),
    ][this.#random.below(5)];
    await doNext?.();
    await wait(this.#random.next() * THINKING_MS, this.#user.signal);
  }

  async #askOne(): Promise<void> {
    const [run] = this.#names(1);
    await this.#ask(run ?? "run");
  }

  async #askSeveral(): Promise<void> {
    await Promise.all(this.#names(AGENTS_AT_ONCE).map((run) => this.#ask(run)));
  }

  async #readSlowly(): Promise<void> {
    const [, laptop] = this.#devices;
    laptop.socket.pause();
    const asked = this.#askSeveral();
    await wait(SLOW_READER_MS, this.#user.signal);
    laptop.socket.resume();
    await asked;
  }

  async #cancel(): Promise<void> {
    const [run = "run"] = this.#names(1);
    const runId = this.#user.nameFor(run);
    const [phone, laptop] = this.#devices;
    for (const device of this.#devices) {
      this.#ledger.expectRun({ user: this.#user, device, runId, shape: undefined });
    }
    const { slow, answers } = this.#bench.agents;
    phone.start(this.#request(run, slow ?? answers));
    await laptop.began(runId);
    laptop.cancel(runId);
    await Promise.all(this.#devices.map((device) => device.ended(runId)));
  }

  async #reconnect(): Promise<void> {
    if (this.#bench.agents.slow === undefined) return this.#askOne();
    const [run = "run"] = this.#names(1);
    await reconnectInTheMiddle(this.#bench, run)(this.#user, this.#ledger);
  }

  async #ask(run: string): Promise<void> {
    await ask(this.#bench, this.#user, this.#ledger, {
      device: this.#devices[this.#random.below(2)] ?? this.#devices[0],
      heardOn: this.#devices,
      run,
      thread: `thread of ${run}`,
    });
  }

  #request(run: string, call = this.#bench.agents.answers): Parameters<AgentDevice["start"]>[0] {
    const name = (label: string): string => this.#user.nameFor(label);
    return askFor(this.#user, call, name(run), name(`thread of ${run}`));
  }

  #names(count: number): string[] {
    return Array.from({ length: count }, () => `run-${(this.#number += 1)}`);
  }
}

function randomOf({ seed }: Bench, { name }: SimulatedUser): Random {
  return createRandom(hash(`${seed} ${name}`));
}
