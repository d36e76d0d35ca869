import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";

/** How this process, which plays all users, was doing meanwhile. */
export interface DriverState {
  /** Share of the time in which its event loop had something to do, 0 to 1. */
  readonly busy: number;
  /** How much of that time it had a processor for: below 1, other programs had it. */
  readonly served: number;
  /** How late its timers were, median in milliseconds. */
  readonly delayMs: number;
}

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e6;
/** Above it, the suite's own process is what users wait for. */
const MAX_BUSY = 0.85;
/** Below it, the machine has less to give than was asked of it. */
const MIN_SERVED = 0.6;
/** Of so little work, no share can be told. */
const MIN_ACTIVE_MS = 50;

/** Watches this process from now on; `stop` says how it was doing. */
export class DriverWatch {
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #loop: EventLoopUtilization;
  readonly #cpu: NodeJS.CpuUsage;

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
    this.#loop = performance.eventLoopUtilization();
    this.#cpu = process.cpuUsage();
  }

  /** What this process has worked since then, in milliseconds of processor time. */
  get cpuMs(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1000;
  }

  stop(): DriverState {
    this.#delay.disable();
    const { utilization, active } = performance.eventLoopUtilization(this.#loop);
    const late = this.#delay.percentile(50) / NANOSECONDS - RESOLUTION_MS;
    return {
      busy: utilization,
      served: active < MIN_ACTIVE_MS ? 1 : Math.min(1, this.cpuMs / active),
      delayMs: Number.isFinite(late) ? Math.max(0, late) : 0,
    };
  }
}

/**
 * Why nothing can be said of users who waited `excessMs` longer than alone, measured by a process in
 * this state; `undefined` if something can.
 */
export function explainDriver(
  { busy, served, delayMs }: DriverState,
  excessMs: number,
): string | undefined {
  if (busy > MAX_BUSY || delayMs > excessMs / 2) {
    return `the process that plays the users was busy ${percent(busy)} of the time, and may be what they waited for: use fewer --users, or a faster machine`;
  }
  if (served < MIN_SERVED) {
    return `other programs had the processor ${percent(1 - served)} of the time in which it was needed here: run it again on a machine that has less to do`;
  }
  return undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
