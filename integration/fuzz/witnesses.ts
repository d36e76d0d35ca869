import { setTimeout as delay } from "node:timers/promises";
import { type Verdict, judgeUser } from "../chaos/judge.ts";
import { openLedger } from "../chaos/ledger.ts";
import type { Random } from "../chaos/random.ts";
import { readAll } from "../chaos/replay.ts";
import { ChaosUser } from "../chaos/user.ts";
import { signToken } from "./tokens.ts";

const SHOWN_VIOLATIONS = 2;
/** So long a witness may hear nothing, on a machine that has much to do. */
const SILENCE_MS = 40_000;
/** So long a device may be behind the others when all is over. */
const LAST_WORDS_MS = 5000;

/** Two users who behave, with two devices each, while others do not. */
export class Witnesses {
  readonly #users: readonly ChaosUser[];
  readonly #port: () => number;

  constructor(port: number, seed: string, random: Random) {
    this.#port = () => port;
    this.#users = ["witness-1", "witness-2"].map((userId) => {
      const ledger = openLedger(seed, userId);
      const ports = [this.#port, this.#port];
      const headers = headersOf(userId);
      const known = { ledger, headers, ports, silenceMs: SILENCE_MS, onReady() {} };
      return new ChaosUser({ ...known, random: random.fork(userId) });
    });
  }

  /** All devices are served. */
  get isReady(): boolean {
    return this.#users.every(({ devices }) => devices.every(({ isReady }) => isReady));
  }

  /** What a thief would like to have. */
  get sessions(): readonly string[] {
    return this.#users.flatMap(({ devices }) => devices.map(({ sessionId }) => sessionId));
  }

  get positions(): readonly string[] {
    return this.#users.flatMap(({ devices }) => devices.flatMap(({ position }) => position ?? []));
  }

  get endedRuns(): number {
    return this.#users.reduce((sum, { endedRuns }) => sum + endedRuns, 0);
  }

  /** Ends their day; answers what was wrong with it. */
  async judge(): Promise<readonly string[]> {
    await Promise.all(this.#users.map((user) => user.rest()));
    const deadline = performance.now() + LAST_WORDS_MS;
    while (!this.#users.every(isEven) && performance.now() < deadline) await delay(20);
    const found: string[] = [];
    for (const { ledger, devices } of this.#users) {
      await Promise.all(devices.map((device) => device.stop()));
      const cut = ledger.devices.filter(({ stints }) => stints.length !== 1);
      if (cut.length > 0) found.push(`${ledger.userId} was cut off: ${ledger.words.join("; ")}`);
      ledger.replay = await readAll(ledger, this.#port, headersOf(ledger.userId));
      found.push(...describe(judgeUser(ledger)));
    }
    return found;
  }
}

/** Each device has heard what the others have. */
function isEven({ devices }: ChaosUser): boolean {
  return devices.every(({ position }) => position === devices[0]?.position);
}

function describe({ violations, runs }: Verdict): string[] {
  const first = violations.slice(0, SHOWN_VIOLATIONS);
  const found = first.map(({ kind, userId, what }) => `${userId}: ${kind}: ${what}`);
  if (runs.finished === 0) found.push("a witness finished no run");
  return found;
}

function headersOf(userId: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${signToken(userId)}` };
}
