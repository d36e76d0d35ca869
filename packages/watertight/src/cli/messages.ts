import type { Report } from "../report.ts";
import type { SuiteEvent } from "../suite/run-suite.ts";
import type { SoakReport, SoakWindow } from "../suite/soak-report.ts";

/** How long a soak is to last, and each of its windows, in milliseconds. */
export interface SoakRequest {
  readonly forMs: number;
  readonly windowMs: number;
}

/** What the command line asks the suite's process to do. */
export interface SuiteRequest {
  readonly target: string;
  /** Where the target answers, if somebody else has started it. */
  readonly url?: string | undefined;
  readonly folder: string;
  readonly users: number | undefined;
  readonly only: readonly string[];
  readonly thorough?: boolean | undefined;
  readonly seed: number | undefined;
  /** Asks for a soak instead of a check. */
  readonly soak?: SoakRequest;
}

/** What the suite's process says, in order; it ends with `report` or `error`. */
export type SuiteMessage =
  | { readonly type: "target-started"; readonly pid: number }
  | {
      readonly type: "planned";
      readonly label: string;
      readonly users: number;
      readonly seed: number;
    }
  | { readonly type: "event"; readonly event: SuiteEvent }
  | { readonly type: "window"; readonly window: SoakWindow; readonly report: SoakReport }
  | { readonly type: "report"; readonly report: Report }
  | {
      readonly type: "error";
      readonly code: string;
      readonly message: string;
      /** What was seen of a check until then. */
      readonly soFar?: Report;
    };
