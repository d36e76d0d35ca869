import type {
  CanaryEvidence,
  FindingKind,
  FrameEvidence,
  Holder,
  Measurement,
  Reproduction,
  Smallest,
  Tier,
} from "./finding.ts";

/** What a detector saw, before the suite adds check, pattern, replay command and advice. */
export interface Observation {
  readonly kind: FindingKind;
  readonly tier: Tier;
  readonly title: string;
  readonly from?: string;
  readonly to?: string;
  readonly occurrences: number;
  readonly frame?: FrameEvidence;
  readonly canary?: CanaryEvidence;
  readonly expected?: string;
  readonly heldIn?: readonly Holder[];
  readonly lacks?: string;
  readonly measured?: readonly Measurement[];
  readonly reproduction?: Reproduction;
  readonly smallest?: Smallest;
}
