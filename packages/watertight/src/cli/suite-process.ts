// The process of the simulated users: starts the target, drives it, judges, and tells its parent.
import { randomInt } from "node:crypto";
import { findConfig } from "../config/find-config.ts";
import type { Report } from "../report.ts";
import { selectChecks } from "../suite/catalogue.ts";
import { checkInstruments } from "../suite/self-check.ts";
import type { Sinks } from "../sinks/sinks.ts";
import { loadModule } from "../target/load-module.ts";
import { createProbeServer, type ProbeServer } from "../target/probe/probe-server.ts";
import type { Places } from "../target/fill-in.ts";
import { endGroup } from "../target/target-process.ts";
import { runChecks } from "./check-run.ts";
import type { SuiteRequest } from "./messages.ts";
import type { Plan } from "./plan.ts";
import { runSoak } from "./soak-run.ts";
import { startBeside, type StartedTarget, startSinks, startTarget } from "./start-target.ts";
import { tell, tellError } from "./tell.ts";

/** How a run ends before its time. */
interface Endings {
  /** Nobody is there to be told: everything is to be ended at once. */
  readonly giveUp: AbortSignal;
  /** Somebody has seen enough: a soak reports what it saw so far, a check has nothing to say. */
  readonly interrupt: AbortSignal;
}

async function main(request: SuiteRequest, endings: Endings): Promise<void> {
  const { target: path, folder, url, thorough } = request;
  const config = await findConfig(path, folder, loadModule, { url, thorough });
  const plan: Plan = {
    request,
    config,
    users: request.users ?? config.users,
    seed: request.seed ?? randomInt(1_000_000),
  };
  const run = planRun(plan, endings);
  tell({ type: "planned", label: request.target, users: plan.users, seed: plan.seed });
  await checkInstruments();
  const ended = request.soak === undefined ? endings.interrupt : endings.giveUp;
  const onStarted = (pid: number): void => {
    tell({ type: "target-started", pid });
    // Nobody is to wait until it is ready.
    ended.addEventListener("abort", () => endGroup(pid), { once: true });
  };
  await using sinks = await startSinks(config);
  const setting = { config, environment: process.env, places: sinks.places, onStarted };
  await using beside = await startBeside(setting);
  await using probe = await createProbeServer({ existingNodeOptions: process.env["NODE_OPTIONS"] });
  const environment = { ...process.env, ...sinks.env, ...probe.env };
  const { places } = beside;
  const target = await startTarget({ ...setting, environment, places, needs: beside });
  const stop = (): void => void target.stop();
  ended.addEventListener("abort", stop, { once: true });
  try {
    tell({ type: "report", report: await run({ target, probe, places, sinks }) });
  } finally {
    await target.stop();
  }
}

/** What a run plays against. */
interface Started {
  readonly target: StartedTarget;
  readonly probe: ProbeServer;
  readonly places: Places;
  readonly sinks: Sinks;
}

type Run = (started: Started) => Promise<Report>;

/** Whatever is wrong with what was asked for is known before anything is started. */
function planRun(plan: Plan, { interrupt: signal }: Endings): Run {
  const { request, config } = plan;
  const { soak } = request;
  if (soak !== undefined) {
    return ({ target, probe, sinks }) => runSoak({ plan, soak, target, probe, sinks, signal });
  }
  const categories = selectChecks(request.only.length > 0 ? request.only : config.only, {
    hasAgents: config.agents !== undefined,
  });
  return (started) => runChecks({ ...started, plan, categories, signal });
}

const giveUp = new AbortController();
const interrupt = new AbortController();
process.once("disconnect", () => {
  giveUp.abort();
  interrupt.abort();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
process.once("message", (request: SuiteRequest) => {
  void main(request, { giveUp: giveUp.signal, interrupt: interrupt.signal })
    .catch(tellError)
    .finally(() => process.disconnect?.());
});
