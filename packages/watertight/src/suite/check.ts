import type { Bench } from "./bench.ts";
import type { SuiteObservation } from "./round.ts";

/** What a check saw; the suite turns it into a verdict. */
export interface CheckOutcome {
  readonly observations: readonly SuiteObservation[];
  readonly events: number;
  readonly control: { readonly expected: number; readonly received: number };
  readonly patterns: readonly string[];
  /** What a pass shows, one sentence with numbers. */
  readonly shown: string;
  /** Why nothing can be said, if so. */
  readonly inconclusive?: string;
}

/** What a check can only be made with. */
export type Need = "agents" | "slow agent" | "dying agent" | "process" | "fresh process";

/** One of the fifteen checks of the suite. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Need[];
  readonly run: (bench: Bench) => Promise<CheckOutcome>;
  /** The same for a server that is described by a scenario, which has no agents to ask for. */
  readonly onScenario?: (bench: Bench) => Promise<CheckOutcome>;
}

/** One of the seven categories. */
export interface Category {
  readonly id: number;
  readonly title: string;
  readonly checks: readonly Check[];
}
