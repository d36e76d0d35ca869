import { judgeDelivery } from "../detectors/delivery.ts";
import { groupBy } from "../internal/group-by.ts";
import type { Observation } from "../observation.ts";
import { readRunEvent, type RunEvent } from "../run-event.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import type { AgentClient, ScenarioClient } from "./load-client.ts";

/** Whether users got what was theirs: how many operations had to bring it, and how many did. */
export interface LoadControl {
  readonly expected: number;
  readonly received: number;
}

export interface JudgedLoad {
  readonly observations: readonly Observation[];
  readonly control: LoadControl;
}

/** One conversation with an agent, and whether its user is one whose answers count. */
export interface AgentTalk {
  readonly user: SimulatedUser;
  readonly client: AgentClient;
  readonly isMeasured: boolean;
}

/**
 * Judges every run that has ended: it must be what a lone user gets, event by event, with the user's own
 * secret in it. A run that was given up proves nothing, and is counted as missing. A user who floods the
 * server may be refused.
 */
export async function judgeRuns(bench: Bench, talks: readonly AgentTalk[]): Promise<JudgedLoad> {
  const { shape } = await bench.solo();
  const observations: Observation[] = [];
  let expected = 0;
  let received = 0;
  for (const { user, client, isMeasured } of talks) {
    const { device, runs } = client;
    const events = device.socket.received.flatMap((piece) => readRunEvent(piece) ?? []);
    const byRun = groupBy(events, ({ runId }) => runId);
    const token = user.canary("question").toLowerCase();
    for (const { runId, ending } of runs) {
      const own = byRun.get(runId) ?? [];
      const hasFailed = ending === "failed" && own.length > 0;
      if (isMeasured) expected += 1;
      if (isMeasured && ending === "answered" && holds(own, token)) received += 1;
      if (ending !== "answered" && !(isMeasured && hasFailed)) continue;
      const delivery = { user: user.name, runId, events: own };
      observations.push(...judgeDelivery(shape === undefined ? delivery : { ...delivery, shape }));
    }
  }
  return { observations, control: { expected, received } };
}

/** What a scenario should receive is not known: as many operations count as users got own secrets. */
export function judgeScenarios(clients: readonly ScenarioClient[], home: LoadControl): LoadControl {
  const endings = clients.flatMap((client) => client.endings);
  const answered = endings.filter((ending) => ending === "answered").length;
  const share = home.expected === 0 ? 0 : home.received / home.expected;
  return { expected: endings.length, received: Math.floor(answered * share) };
}

/** Streams cut words into pieces: the deltas of a run are searched as one text. */
function holds(events: readonly RunEvent[], token: string): boolean {
  const deltas = events.map(({ event }) =>
    typeof event["delta"] === "string" ? event["delta"] : "",
  );
  const isIn = (text: string): boolean => text.toLowerCase().includes(token);
  return isIn(deltas.join("")) || events.some(({ received }) => isIn(received.bytes.toString()));
}
