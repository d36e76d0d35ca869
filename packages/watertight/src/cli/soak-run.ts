import type { Sinks } from "../sinks/sinks.ts";
import { Outbound } from "../suite/outbound.ts";
import { Soak } from "../suite/soak.ts";
import type { SoakReport, SoakResult } from "../suite/soak-report.ts";
import type { ProbeServer } from "../target/probe/probe-server.ts";
import { createWitness } from "./create-witness.ts";
import type { SoakRequest } from "./messages.ts";
import { gapsOfSoak, notCovered } from "./not-covered.ts";
import { againOf, headOf, type Plan } from "./plan.ts";
import type { StartedTarget } from "./start-target.ts";
import { tell } from "./tell.ts";

/** A soak of a target that lives. */
export interface SoakRun {
  readonly plan: Plan;
  readonly soak: SoakRequest;
  readonly target: StartedTarget;
  readonly probe: ProbeServer;
  readonly sinks: Sinks;
  /** When aborted, what was seen so far is reported. */
  readonly signal: AbortSignal;
}

/** Plays the windows and tells what each came to. */
export async function runSoak(run: SoakRun): Promise<SoakReport> {
  const { plan, soak, target, probe, sinks, signal } = run;
  const { config, seed, users, request } = plan;
  const startedAt = new Date();
  const reportOn = (result: SoakResult): SoakReport => ({
    ...headOf(plan, target.command, startedAt),
    ...result,
    notCovered: [
      ...notCovered({ ...config, scansLogs: false }, gapsOfSoak(session.totals, target)),
      ...sinks.gaps,
    ],
  });
  const session = new Soak({
    ...soak,
    config,
    target,
    outbound: new Outbound(sinks),
    witnessOf: (book, identities) => createWitness(config, { probe, book, identities }),
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
