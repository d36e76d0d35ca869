/** What can be wrong with a runtime; each fault raises exactly its own alarm. */
export type AlarmCode =
  /** A component was given something of a user that it does not belong to. Nobody got it. */
  | "FOREIGN_OWNER"
  /** A client says that what it got was not its own, incomplete or out of order. */
  | "INCIDENT_REPORTED"
  /** The event log can't be opened, read or written. */
  | "LOG_FAILED"
  /** The session store can't be read or written. */
  | "SESSIONS_FAILED"
  /** The broker can't be reached, or brought what is no message. */
  | "BROKER_FAILED"
  /** Events came faster than the event log took them, and were refused. */
  | "LOG_BEHIND"
  /** An agent showed no sign of life, or its thread or process ended. */
  | "AGENT_DIED"
  /** An agent threw, or said what no agent may. */
  | "AGENT_FAILED"
  /** A run took longer than it may. */
  | "RUN_TIMEOUT"
  /** A user had more runs waiting than may wait. */
  | "RUN_QUEUE_FULL"
  /** An event could not be written as JSON or told. */
  | "EVENT_UNSENDABLE"
  /** `authenticate` failed or took too long, which is not the same as a no. */
  | "AUTHENTICATION_BROKEN"
  /** All connections that the server allows are taken. */
  | "SERVER_FULL"
  /** Something could not be put away in time. */
  | "DISPOSAL_FAILED"
  /** A listener of the application threw. */
  | "OBSERVER_FAILED"
  /** The event loop stood still. */
  | "LOOP_BLOCKED"
  /** Something failed that has no alarm of its own. */
  | "INTERNAL_ERROR";

/** An alarm that is on. */
export interface Alarm {
  readonly code: AlarmCode;
  /** How often it was raised since it went on. */
  readonly count: number;
  /** When it went on, in milliseconds since the epoch. */
  readonly since: number;
  readonly lastAt: number;
}

/** How something is: healthy means that no alarm is on. */
export interface HealthReport {
  readonly status: "healthy" | "alarmed";
  readonly alarms: readonly Alarm[];
}

/** Something whose health can be asked for, and whose alarms can be listened to. */
export interface Monitorable {
  health(): HealthReport;
  /** Calls `listener` whenever an alarm is raised; answers the disposer. */
  onAlarm(listener: (alarm: Alarm) => void): () => void;
}
