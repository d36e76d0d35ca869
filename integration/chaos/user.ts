import { setTimeout as delay } from "node:timers/promises";
import { Device, type DeviceOptions } from "./device.ts";
import type { ReceivedEvent, UserLedger } from "./ledger.ts";
import type { Random } from "./random.ts";

/** What a user is and has. */
export interface UserOptions {
  readonly ledger: UserLedger;
  readonly headers: DeviceOptions["headers"];
  readonly silenceMs: number;
  readonly random: Random;
  /** Where each device connects, one after the other. */
  readonly ports: readonly (() => number)[];
  readonly onReady: DeviceOptions["onReady"];
}

const THREADS = 3;
/** A question that nobody answered is asked again after so long, under the same id. */
const ASK_AGAIN_MS = 400;

/**
 * A user who asks one question after the other, under ids that all users have in common. What gets
 * lost on the way is asked again, and now and then what is not: neither may begin a second run.
 */
export class ChaosUser {
  readonly ledger: UserLedger;
  readonly devices: readonly Device[];
  readonly #random: Random;
  readonly #started = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #life: Promise<void>;
  #wake: () => void = () => {};
  #isResting = false;

  constructor({ ledger, headers, silenceMs, random, ports, onReady }: UserOptions) {
    this.ledger = ledger;
    this.#random = random;
    const onEvent = (event: ReceivedEvent): void => this.#hear(event);
    this.devices = ports.map((port, index) => {
      const chance = random.fork(`device-${index}`);
      const known = { port, ledger, headers, silenceMs, random: chance };
      const options = { ...known, onEvent, onReady };
      return new Device(`device-${index + 1}`, options, index === 0 ? undefined : "oldest");
    });
    this.#life = this.#live();
  }

  /** Runs that some device saw end. */
  get endedRuns(): number {
    return this.#ended.size;
  }

  /** Asks one last question; resolves when it has been answered. */
  rest(): Promise<void> {
    this.#isResting = true;
    return this.#life;
  }

  async #live(): Promise<void> {
    for (let question = 0; !this.#isResting; question += 1) {
      await delay(this.#random.between(50, 500));
      await this.#ask(`run-${question}`, `thread-${question % THREADS}`, 0.02);
    }
    // Whatever happened before, everything works again for everybody.
    await this.#ask("last-run", "last-thread", 0);
  }

  async #ask(runId: string, threadId: string, cancelChance: number): Promise<void> {
    const asked = { threadId, isCancelled: false };
    this.ledger.asked.set(runId, asked);
    const content = `Say ${this.ledger.canary}, and nothing else.`;
    const messages = [{ id: "question", role: "user", content }];
    const input = { threadId, runId, messages, tools: [], context: [], state: {} };
    while (!this.#ended.has(runId)) {
      const isKnown = this.#started.has(runId);
      if (!isKnown || this.#random.chance(0.1))
        this.#send({ type: "run", agent: "streamer", input });
      await this.#eventOr(ASK_AGAIN_MS);
      if (this.#started.has(runId) && this.#random.chance(cancelChance)) {
        asked.isCancelled = true;
        this.#send({ type: "cancel", runId });
      }
    }
  }

  #send(frame: object): void {
    this.#random.pick(this.devices).send(frame);
  }

  #hear({ type, metadata }: ReceivedEvent): void {
    if (type === "RUN_STARTED") this.#started.add(metadata.runId);
    if (type === "RUN_FINISHED" || type === "RUN_ERROR") this.#ended.add(metadata.runId);
    this.#wake();
  }

  #eventOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
