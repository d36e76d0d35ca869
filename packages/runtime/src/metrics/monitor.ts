import { WatertightError } from "../errors.ts";
import { Observers } from "../internal/observers.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Alarm, AlarmCode, HealthReport, Monitorable } from "./monitorable.ts";

/** What became of events. */
export interface EventCounts {
  delivered: number;
  queued: number;
  refused: number;
}

/** How a run ended, and how long it took to its first event and to its end, in milliseconds. */
export interface RunFacts {
  readonly agentName: string;
  readonly status: string;
  readonly tookMs: number;
}

/** Numbers of a runtime since it began. No number has a user, thread or run in its name. */
export interface Counts {
  readonly events: EventCounts;
  /** By agent and by how they ended, as `agent status`. */
  readonly runs: Readonly<Record<string, number>>;
  /** By close code; 0 if the peer left. */
  readonly closes: Readonly<Record<string, number>>;
  /** By HTTP status. */
  readonly refusedAdmissions: Readonly<Record<string, number>>;
  /** By alarm. */
  readonly alarms: Readonly<Partial<Record<AlarmCode, number>>>;
  readonly runsStarted: number;
}

const STAGES: Readonly<Record<string, AlarmCode>> = Object.freeze({
  "event-log": "LOG_FAILED",
  authenticate: "AUTHENTICATION_BROKEN",
  agent: "AGENT_FAILED",
  sink: "EVENT_UNSENDABLE",
  "session-store": "SESSIONS_FAILED",
  broker: "BROKER_FAILED",
  dispose: "DISPOSAL_FAILED",
  close: "DISPOSAL_FAILED",
  observer: "OBSERVER_FAILED",
  follower: "OBSERVER_FAILED",
  loop: "LOOP_BLOCKED",
});
/** What a peer causes by itself, by breaking the protocol or the line; its close code is counted. */
const PEER_STAGES: readonly string[] = Object.freeze(["socket"]);

/**
 * Counts what happens in a runtime and raises its alarms. Knows no user: whoever reads it learns
 * nothing about anybody.
 */
export class Monitor implements Monitorable {
  /** Users who are here now; who keeps them says so. */
  users = 0;
  readonly #counts = {
    events: { delivered: 0, queued: 0, refused: 0 },
    runs: Object.create(null) as Record<string, number>,
    closes: Object.create(null) as Record<string, number>,
    refusedAdmissions: Object.create(null) as Record<string, number>,
    alarms: Object.create(null) as Partial<Record<AlarmCode, number>>,
    runsStarted: 0,
  };
  readonly #alarms = new Map<AlarmCode, Alarm>();
  readonly #observers: Observers<Alarm>;
  readonly #onFirstEvent: Observers<number>;
  readonly #holdMs: number;
  readonly #now: () => number;

  /** An alarm goes off once it was not raised for `holdMs`. */
  constructor(holdMs: number, now: () => number = Date.now) {
    this.#holdMs = holdMs;
    this.#now = now;
    this.#observers = new Observers();
    this.#onFirstEvent = new Observers();
  }

  get counts(): Counts {
    return this.#counts;
  }

  health(): HealthReport {
    const now = this.#now();
    for (const [code, { lastAt }] of this.#alarms) {
      if (now - lastAt >= this.#holdMs) this.#alarms.delete(code);
    }
    const alarms = [...this.#alarms.values()];
    return { status: alarms.length === 0 ? "healthy" : "alarmed", alarms };
  }

  onAlarm(listener: (alarm: Alarm) => void): () => void {
    return this.#observers.add(listener);
  }

  /** Calls `listener` with the milliseconds that each run took to its first event. */
  onFirstEvent(listener: (tookMs: number) => void): () => void {
    return this.#onFirstEvent.add(listener);
  }

  /** Raises an alarm. */
  raise(code: AlarmCode): void {
    const now = this.#now();
    const counts = this.#counts.alarms;
    counts[code] = (counts[code] ?? 0) + 1;
    const known = this.health().alarms.find((alarm) => alarm.code === code);
    const count = (known?.count ?? 0) + 1;
    const alarm = Object.freeze({ code, count, since: known?.since ?? now, lastAt: now });
    this.#alarms.set(code, alarm);
    this.#observers.notify(alarm);
  }

  /** Answers `onError` so wrapped that what it hears of raises the alarm of its stage. */
  watch(onError: OnError): OnError {
    return (error, where) => {
      if (!PEER_STAGES.includes(where.stage)) this.raise(alarmOf(error, where.stage));
      onError(error, where);
    };
  }

  /** An event of a run was published. */
  published(status: keyof EventCounts): void {
    this.#counts.events[status] += 1;
  }

  runStarted(): void {
    this.#counts.runsStarted += 1;
  }

  /** The first event of a run after its start came, `tookMs` milliseconds after that. */
  firstEvent(tookMs: number): void {
    this.#onFirstEvent.notify(tookMs);
  }

  /** A run ended. A failure has told its alarm by way of its error. */
  runEnded({ agentName, status }: RunFacts): void {
    const name = `${agentName} ${status}`;
    this.#counts.runs[name] = (this.#counts.runs[name] ?? 0) + 1;
    if (status === "died") this.raise("AGENT_DIED");
    if (status === "timed-out") this.raise("RUN_TIMEOUT");
  }

  connectionClosed(code: number): void {
    const { closes } = this.#counts;
    closes[code] = (closes[code] ?? 0) + 1;
  }

  admissionRefused(status: number): void {
    const { refusedAdmissions } = this.#counts;
    refusedAdmissions[status] = (refusedAdmissions[status] ?? 0) + 1;
  }
}

function alarmOf(error: unknown, stage: string): AlarmCode {
  if (WatertightError.is(error) && error.code === "WT_OWNER_MISMATCH") return "FOREIGN_OWNER";
  return STAGES[stage] ?? "INTERNAL_ERROR";
}
