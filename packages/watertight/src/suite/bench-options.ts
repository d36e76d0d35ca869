import type { CanaryBook } from "../canary.ts";
import type { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import type { ToolError } from "../errors.ts";
import type { Pattern } from "../patterns/pattern.ts";
import type { SimulatedUser, UserIdentity } from "../simulate/simulated-user.ts";
import type { DelayCoverage } from "../target/delays/delayer.ts";
import type { Outbound } from "./outbound.ts";
import type { RoundLedger } from "./round.ts";
import type { Witness } from "./witness.ts";

/** The live server that is being checked. */
export interface LiveTarget {
  readonly baseUrl: string;
  /** How the target died, if it did. */
  readonly death: string | undefined;
  /** The last that it printed. */
  readonly output: string;
  /** Why nothing can be said of it any more, although nobody saw it die. */
  readonly lost?: () => Promise<ToolError | undefined>;
}

/** A target that was started for a single trial, and what can be seen inside it. */
export interface FreshTarget {
  readonly live: LiveTarget;
  readonly witness: Witness;
  /** How much of the application waits where it is told to; `undefined` if it is not delayed. */
  readonly coverage: () => Promise<DelayCoverage | undefined>;
  readonly stop: () => Promise<void>;
}

/** What rounds are played with and against. */
export interface BenchOptions {
  readonly config: ResolvedConfig;
  readonly target: LiveTarget;
  readonly witness: Witness;
  readonly book: CanaryBook;
  readonly identities: readonly UserIdentity[];
  /** Users beyond those of `identities`, who come once and leave; numbered after them. */
  readonly visitors?: readonly UserIdentity[];
  readonly seed: number;
  /** When the first round began, by `performance.now()`. Default: now. */
  readonly startedAt?: number;
  /** What the target sends elsewhere; fresh processes send it to the same places. */
  readonly outbound?: Outbound | undefined;
  readonly onProgress: (step: string) => void;
  /** Starts the target once more, in a process of its own, with more in its environment. */
  readonly startAfresh?: (environment: Readonly<Record<string, string>>) => Promise<FreshTarget>;
  /** Aborted when nobody wants to know any more. */
  readonly signal?: AbortSignal;
}

/** What a round is: who does what, and how they are paced. */
export interface RoundOptions {
  readonly pattern: Pattern;
  readonly task: (user: SimulatedUser, ledger: RoundLedger) => Promise<void>;
  /** Default: all users. */
  readonly identities?: readonly UserIdentity[];
  /** Default: false. Whether users come without signing in. */
  readonly isAnonymous?: boolean;
  /** Default: 300. How long all must have been quiet before anything is judged. */
  readonly quietMs?: number;
  /** Default: true. Whether a leak makes the suite read what the process holds. */
  readonly looksInside?: boolean;
  /** Called before anybody begins, with what keeps everything that will arrive. */
  readonly onBegin?: (capture: WebSocketEventCapture) => void;
  /** Called with everybody still connected, after judgement. */
  readonly beforeLeaving?: () => Promise<void>;
}
