import { HeapWitness } from "../suite/heap-witness.ts";
import { Soak } from "../suite/soak.ts";
import type { SoakReport, SoakResult } from "../suite/soak-report.ts";
import type { ProbeServer } from "../target/probe/probe-server.ts";
import type { TargetProcess } from "../target/target-process.ts";
import type { SoakRequest } from "./messages.ts";
import { gapsOfSoak, notCovered } from "./not-covered.ts";
import { againOf, headOf, type Plan } from "./plan.ts";
import { tell } from "./tell.ts";

/** A soak of a target that lives. */
export interface SoakRun {
  readonly plan: Plan;
  readonly soak: SoakRequest;
  readonly target: TargetProcess;
  readonly probe: ProbeServer;
  /** When aborted, what was seen so far is reported. */
  readonly signal: AbortSignal;
}

/** Plays the windows and tells what each came to. */
export async function runSoak({ plan, soak, target, probe, signal }: SoakRun): Promise<SoakReport> {
  const { config, seed, users, request } = plan;
  const startedAt = new Date();
  const reportOn = (result: SoakResult): SoakReport => ({
    ...headOf(plan, target.command, startedAt),
    ...result,
    notCovered: notCovered(config, gapsOfSoak(session.totals)),
  });
  const session = new Soak({
    ...soak,
    config,
    target,
    witnessOf: (book, identities) => {
      return new HeapWitness({ probe, book, identities, keep: config.keep });
    },
    users,
    seed,
    replay: againOf(plan, []),
    folder: request.folder,
    signal,
    onStep: (step) => tell({ type: "event", event: { type: "step", id: "7.1", step } }),
    onWindow: (window, soFar) => tell({ type: "window", window, report: reportOn(soFar) }),
  });
  return reportOn(await session.run());
}
