import type { Report } from "../report.ts";
import type { SuiteEvent } from "../suite/run-suite.ts";

/** What the command line asks the suite's process to do. */
export interface SuiteRequest {
  readonly target: string;
  readonly folder: string;
  readonly users: number | undefined;
  readonly only: readonly string[];
  readonly seed: number | undefined;
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
  | { readonly type: "report"; readonly report: Report }
  | { readonly type: "error"; readonly code: string; readonly message: string };
