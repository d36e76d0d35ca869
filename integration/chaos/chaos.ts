import { setTimeout as delay } from "node:timers/promises";
import { CuttingProxy, type ProxyCut } from "./cutting-proxy.ts";
import type { Device } from "./device.ts";
import { judgeUser, type Verdict, type Violation } from "./judge.ts";
import { KeptServer } from "./kept-server.ts";
import { openLedger } from "./ledger.ts";
import type { ChaosOptions } from "./options.ts";
import { Random } from "./random.ts";
import { readAll } from "./replay.ts";
import { ChaosUser } from "./user.ts";

/** What has happened so far. */
export interface Tally {
  kills: number;
  cuts: number;
  /** Kills that came before the server had got as far as to listen. */
  early: number;
  /** Connections that went on after a position, by what the server said of that. */
  readonly resumes: Map<string, number>;
  /** Milliseconds from a kill until a device that it cut off was served again. */
  readonly returns: number[];
}

/** What came of it all. */
export interface Outcome {
  readonly tally: Tally;
  readonly verdicts: readonly Verdict[];
  readonly violations: readonly Violation[];
  readonly tookMs: number;
}

const CUTS = ["destroy", "reset", "mid-frame", "mid-request", "stall"] as const;
/** Of so many users one has a second device. */
const TWO_DEVICES = 4;
/** A line that stalled is given up after so long; the server pings every second. */
const SILENCE_MS = 3500;
/** When nobody has heard anything for so long, there is nothing more to come. */
const QUIET_MS = 1000;
const MOST_REST_MS = 40_000;
const JUDGED_AT_ONCE = 10;
/** A server lives at least so long, and until a tenth of the devices are served, within reason. */
const LEAST_LIFE_MS = 150;
const MOST_RETURN_MS = 5000;

/** The whole play: users live, servers die, lines break; then it is quiet, and everything is judged. */
export class Chaos {
  readonly tally: Tally = { kills: 0, cuts: 0, early: 0, resumes: new Map(), returns: [] };
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #server: KeptServer;
  readonly #proxy: CuttingProxy;
  readonly #users: ChaosUser[] = [];
  readonly #violations: Violation[] = [];

  constructor(options: ChaosOptions, folder: string) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#server = new KeptServer({ folder, log: options.log });
    this.#proxy = new CuttingProxy(() => this.#server.port);
  }

  /** Runs that have ended. */
  get endedRuns(): number {
    return this.#users.reduce((sum, user) => sum + user.endedRuns, 0);
  }

  /** Plays it to the end. */
  async play(): Promise<Outcome> {
    const begun = performance.now();
    await this.#server.start();
    const proxyPort = await this.#proxy.listen();
    for (let user = 0; user < this.#options.users; user += 1) this.#enter(user, proxyPort);
    await this.#rage(performance.now() + this.#options.spreadMs);
    await this.#server.listening();
    await this.#calm();
    const verdicts = await this.#judge();
    await this.stop();
    for (const { stage, message } of this.#server.troubles) {
      this.#report("server", `told its operator (${stage}): ${message}`);
    }
    const violations = [...this.#violations, ...verdicts.flatMap((verdict) => verdict.violations)];
    return { tally: this.tally, verdicts, violations, tookMs: performance.now() - begun };
  }

  /** Ends the server, whatever is going on. */
  async stop(): Promise<void> {
    await this.#server.stop();
    this.#proxy.close();
  }

  #enter(index: number, proxyPort: number): void {
    const { seed } = this.#options;
    const ledger = openLedger(seed, `user-${String(index).padStart(3, "0")}`);
    const direct = (): number => this.#server.port;
    const proxied = (): number => proxyPort;
    const first = index % 2 === 0 ? direct : proxied;
    const ports = index % TWO_DEVICES === 0 ? [first, proxied] : [first];
    const random = this.#random.fork(ledger.userId);
    const onReady = (device: Device, resume: string): void => this.#note(device, resume);
    const headers = { "x-user": ledger.userId };
    const silenceMs = SILENCE_MS;
    this.#users.push(new ChaosUser({ ledger, headers, silenceMs, random, ports, onReady }));
  }

  #note(device: Device, resume: string): void {
    this.tally.resumes.set(resume, (this.tally.resumes.get(resume) ?? 0) + 1);
    if (device.downSince === undefined) return;
    this.tally.returns.push(performance.now() - device.downSince);
    device.downSince = undefined;
  }

  /** Rounds of equal length on average; in each its share of cuts, at its end its share of kills. */
  async #rage(deadline: number): Promise<void> {
    const { kills, cuts } = this.#options;
    const rounds = Math.max(kills, Math.ceil(cuts / 10), 1);
    for (let round = 1; round <= rounds; round += 1) {
      const leftMs = Math.max(0, deadline - performance.now()) / (rounds - round + 1);
      const roundEnd = performance.now() + leftMs * (0.6 + this.#random.next() * 0.8);
      const dueCuts = Math.round((cuts * round) / rounds);
      while (this.tally.cuts < dueCuts) {
        const pauseMs = (roundEnd - performance.now()) / (dueCuts - this.tally.cuts + 1);
        await delay(Math.max(2, pauseMs * 2 * this.#random.next()));
        if (this.#cut()) this.tally.cuts += 1;
      }
      await delay(Math.max(0, roundEnd - performance.now()));
      if (this.tally.kills < Math.round((kills * round) / rounds)) await this.#kill();
    }
  }

  async #kill(): Promise<void> {
    const now = performance.now();
    for (const device of this.#devices()) if (device.isReady) device.downSince ??= now;
    this.tally.kills += 1;
    await this.#server.killAndBegin();
    // Now and then the next one gets no further than its own start, or the recovery of its log.
    if (this.tally.kills < this.#options.kills && this.#random.chance(0.05)) {
      await delay(this.#random.between(0, 400));
      this.tally.kills += 1;
      this.tally.early += 1;
      await this.#server.killAndBegin();
    }
    await this.#server.listening();
    await this.#haveReturned();
  }

  /** Where nobody is served, a kill hurts nobody: on a slow machine the play takes longer instead. */
  async #haveReturned(): Promise<void> {
    const devices = this.#devices();
    const deadline = performance.now() + MOST_RETURN_MS;
    await delay(LEAST_LIFE_MS);
    while (performance.now() < deadline) {
      if (devices.filter(({ isReady }) => isReady).length * 10 >= devices.length) return;
      await delay(10);
    }
  }

  /** `false` if the line that was to be cut was down already. */
  #cut(): boolean {
    const devices = this.#devices().filter(({ isReady }) => isReady);
    if (devices.length === 0) return false;
    const device = this.#random.pick(devices);
    const cut = this.#random.pick(CUTS);
    if (cut === "destroy" || cut === "reset") return device.cut(cut);
    return this.#proxy.cut(device.localPort, cut satisfies ProxyCut);
  }

  #devices(): readonly Device[] {
    return this.#users.flatMap(({ devices }) => devices);
  }

  /** Everybody gets the last answers; then, for a while, nobody gets anything. */
  async #calm(): Promise<void> {
    const resting = Promise.all(this.#users.map((user) => user.rest())).then(() => true);
    const patience = new AbortController();
    const late = delay(MOST_REST_MS, false, { signal: patience.signal }).catch(() => false);
    const hasRested = await Promise.race([resting, late]);
    patience.abort();
    if (!hasRested) this.#report("run", "runs did not end after the last kill");
    let heard = -1;
    const deadline = performance.now() + MOST_REST_MS;
    while (performance.now() < deadline) {
      const now = this.#heard();
      if (now === heard && this.#devices().every(({ isReady }) => isReady)) return;
      heard = now;
      await delay(QUIET_MS);
    }
    this.#report("server", "did not fall quiet with every device served after the last kill");
  }

  #heard(): number {
    return this.#users
      .flatMap(({ ledger }) => ledger.devices.flatMap(({ stints }) => stints))
      .reduce((sum, { frames }) => sum + frames.length + 1, 0);
  }

  async #judge(): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    for (let first = 0; first < this.#users.length; first += JUDGED_AT_ONCE) {
      const some = this.#users.slice(first, first + JUDGED_AT_ONCE);
      verdicts.push(...(await Promise.all(some.map((user) => this.#judgeOne(user)))));
    }
    return verdicts;
  }

  async #judgeOne({ ledger, devices }: ChaosUser): Promise<Verdict> {
    await Promise.all(devices.map((device) => device.stop()));
    const headers = { "x-user": ledger.userId };
    ledger.replay = await readAll(ledger, () => this.#server.port, headers);
    return judgeUser(ledger);
  }

  #report(kind: Violation["kind"], what: string): void {
    this.#violations.push({ kind, userId: "everybody", what });
  }
}
