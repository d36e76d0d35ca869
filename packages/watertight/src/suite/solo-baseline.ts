import type { ResolvedAgents } from "../config/resolve-config.ts";
import { type RunShape, shapeOf } from "../detectors/delivery.ts";
import { AgentDevice, type RunRequest } from "../drivers/agent-device.ts";
import { oneAfterAnother } from "../patterns/pattern.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import { median } from "./summary.ts";

/** What a lone user got from the target: the yardstick of every round. */
export interface SoloBaseline {
  /** What all runs of the lone user had in common; `undefined` if they differed. */
  readonly shape: RunShape | undefined;
  readonly medianMs: number;
}

const SOLO_RUNS = 5;

/** Lets a lone user ask five times, one after another: what an answer looks like, and how long it takes. */
export async function measureSolo(bench: Bench): Promise<SoloBaseline> {
  const { agents } = bench.config;
  if (agents === undefined) return { shape: undefined, medianMs: 0 };
  const durations: number[] = [];
  const runs: (() => RunShape)[] = [];
  await bench.play({
    pattern: oneAfterAnother,
    identities: bench.identities.slice(0, 1),
    task: async (user) => {
      const device = await AgentDevice.open(user, agents.webSocket);
      for (let run = 0; run < SOLO_RUNS; run += 1) {
        const runId = `${user.nameFor("run")}-${run}`;
        runs.push(() => shapeOf(device.eventsOf(runId)));
        device.start(askFor(user, agents.answers, runId, user.nameFor("thread")));
        await device.socket.sent;
        const startedAt = performance.now();
        await device.ended(runId);
        durations.push(performance.now() - startedAt);
      }
    },
  });
  // Only now is everything quiet: what came after a run's end belongs to its shape, too.
  return { shape: commonShape(runs.map((shape) => shape())), medianMs: median(durations) };
}

/** The request of a run in which the user's own secret is asked back. */
export function askFor(
  user: SimulatedUser,
  call: ResolvedAgents["answers"],
  runId: string,
  threadId: string,
): RunRequest {
  const prompt = call.prompt ?? "Remember {canary}";
  const text = prompt.replaceAll("{canary}", user.canary("question"));
  const { agent, forwardedProps = {} } = call;
  return { agent, threadId, runId, text, forwardedProps };
}

/** An agent that answers differently each time (a language model, say) has no shape to compare with. */
function commonShape(shapes: readonly RunShape[]): RunShape | undefined {
  const [first] = shapes;
  const isSame = (shape: RunShape): boolean => JSON.stringify(shape) === JSON.stringify(first);
  return shapes.length === SOLO_RUNS && shapes.every(isSame) ? first : undefined;
}
