import type { AgentDevice } from "../drivers/agent-device.ts";
import { createDeferred, type Deferred } from "../internal/deferred.ts";
import { readJson, type Received } from "../received.ts";
import { isTerminal, readRunEvent } from "../run-event.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import { askFor } from "./solo-baseline.ts";

/** How an operation ended: in time, with a refusal or an error, or not before it was given up. */
export type Ending = "answered" | "failed" | "capped";

/** One conversation of a user under load: one operation after another. */
export interface LoadClient {
  /** What the user does between two operations; not part of either. */
  readonly prepare: () => Promise<void>;
  /** Resolves when the operation has ended, after `capMs` at the latest; never rejects. */
  readonly operate: (capMs: number) => Promise<Ending>;
}

/** An operation that was begun. */
export interface BegunRun {
  readonly runId: string;
  ending: Ending | undefined;
}

/** A conversation with the agent that answers: an operation is a run, from question to end. */
export class AgentClient implements LoadClient {
  readonly device: AgentDevice;
  readonly runs: BegunRun[] = [];
  readonly #bench: Bench;
  readonly #user: SimulatedUser;
  readonly #number: number;
  readonly #waiting = new Map<string, Deferred<Ending>>();

  /** `number` tells the conversations of one user apart, which may share a connection. */
  constructor(bench: Bench, user: SimulatedUser, device: AgentDevice, number: number) {
    this.#bench = bench;
    this.#user = user;
    this.device = device;
    this.#number = number;
    device.socket.onReceived((received) => this.#receive(received));
    void device.socket.closed.then(() => {
      for (const waiting of this.#waiting.values()) waiting.resolve("failed");
    });
  }

  async prepare(): Promise<void> {}

  async operate(capMs: number): Promise<Ending> {
    const runId = `${this.#user.nameFor("run")}-${this.#number}-${this.runs.length}`;
    const threadId = `${this.#user.nameFor("thread")}-${this.#number}`;
    const run: BegunRun = { runId, ending: undefined };
    this.runs.push(run);
    if (!this.device.socket.isOpen) return (run.ending = "failed");
    const ending = createDeferred<Ending>();
    this.#waiting.set(runId, ending);
    this.device.start(askFor(this.#user, this.#bench.agents.answers, runId, threadId));
    run.ending = await orCapped(ending.promise, capMs);
    this.#waiting.delete(runId);
    return run.ending;
  }

  /** Thousands of frames a second pass here: only those that may end a run are read. */
  #receive(received: Received): void {
    const { bytes } = received;
    if (bytes.includes('"RUN_FINISHED"') || bytes.includes('"RUN_ERROR"')) {
      const event = readRunEvent(received);
      if (event !== undefined && isTerminal(event)) {
        this.#end(event.runId, event.type === "RUN_FINISHED" ? "answered" : "failed");
      }
    } else if (bytes.includes('"error"')) {
      const frame = readJson(received);
      if (frame?.["type"] === "error") this.#end(String(frame["runId"]), "failed");
    }
  }

  #end(runId: string, ending: Ending): void {
    this.#waiting.get(runId)?.resolve(ending);
  }
}

/** The config's scenario, again and again: an operation is one time through. */
export class ScenarioClient implements LoadClient {
  readonly endings: Ending[] = [];
  /** What the first scenario that failed threw. */
  firstError: unknown;
  readonly #bench: Bench;
  readonly #user: SimulatedUser;
  readonly #isAlone: boolean;

  /** `isAlone`: no other conversation of this user goes on, whose sockets must stay. */
  constructor(bench: Bench, user: SimulatedUser, isAlone: boolean) {
    this.#bench = bench;
    this.#user = user;
    this.#isAlone = isAlone;
  }

  /** Until now, what the last operation opened has stayed open: the user was there all the time. */
  async prepare(): Promise<void> {
    if (this.#isAlone) await this.#user.leave();
  }

  async operate(capMs: number): Promise<Ending> {
    const played = Promise.resolve(this.#bench.config.scenario?.(this.#user)).then(
      (): Ending => "answered",
      (error: unknown): Ending => {
        this.firstError ??= error;
        return "failed";
      },
    );
    const ending = await orCapped(played, capMs);
    this.endings.push(ending);
    return ending;
  }
}

async function orCapped(ending: Promise<Ending>, capMs: number): Promise<Ending> {
  const capped = createDeferred<Ending>();
  const timer = setTimeout(() => capped.resolve("capped"), capMs);
  try {
    return await Promise.race([ending, capped.promise]);
  } finally {
    clearTimeout(timer);
  }
}
