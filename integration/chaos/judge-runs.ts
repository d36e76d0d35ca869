import { isDeepStrictEqual } from "node:util";
import type { AskedRun, ReceivedEvent, UserLedger } from "./ledger.ts";
import { type Said, scriptOf } from "./script.ts";

/** How the runs of a ledger ended. */
export interface RunCounts {
  readonly finished: number;
  readonly cancelled: number;
  /** Ended by the next server, because theirs was killed. */
  readonly died: number;
}

type Tell = (runId: string, what: string) => void;
type Ending = keyof RunCounts;

const DIED = `Agent "streamer" died: its server went away.`;

/** Judges the runs in a user's whole log: one beginning, no gap, one end, and what the agent must say. */
export function judgeRuns(
  { asked, userId, canary }: UserLedger,
  events: readonly ReceivedEvent[],
  tell: Tell,
): RunCounts {
  const counts = { finished: 0, cancelled: 0, died: 0 };
  for (const [runId, told] of byRun(events)) {
    const question = asked.get(runId);
    if (question === undefined) {
      tell(runId, "is a run that this user never asked for");
      continue;
    }
    judgeOrder(question, told, (what) => tell(runId, what));
    const script = scriptOf({ userId, canary, threadId: question.threadId, runId });
    const lines = script.map(({ event }) => event);
    const end = endOf(question, told);
    if ("wrong" in end) {
      tell(runId, end.wrong);
      continue;
    }
    counts[end.ending] += 1;
    const said = told.slice(1, -1).map(saidIn);
    judgeContent(end.ending, said, lines, (what) => tell(runId, what));
  }
  return counts;
}

function byRun(events: readonly ReceivedEvent[]): Map<string, ReceivedEvent[]> {
  const runs = new Map<string, ReceivedEvent[]>();
  for (const event of events) {
    const { runId } = event.metadata;
    const run = runs.get(runId);
    if (run === undefined) runs.set(runId, [event]);
    else run.push(event);
  }
  return runs;
}

function judgeOrder(
  { threadId }: AskedRun,
  told: readonly ReceivedEvent[],
  tell: (what: string) => void,
): void {
  for (const [index, { metadata }] of told.entries()) {
    if (metadata.seq !== index + 1) return tell(`has number ${metadata.seq} in place ${index + 1}`);
    if (metadata.threadId !== threadId) return tell(`is on ${metadata.threadId}, not ${threadId}`);
  }
  if (told[0]?.type !== "RUN_STARTED") tell(`begins with ${told[0]?.type}`);
}

/** How the run ended, or what is wrong with its end. */
function endOf(
  { isCancelled }: AskedRun,
  told: readonly ReceivedEvent[],
): { readonly ending: Ending } | { readonly wrong: string } {
  const ends = told.filter(({ type }) => type === "RUN_FINISHED" || type === "RUN_ERROR");
  const last = told.at(-1) as ReceivedEvent;
  if (ends.length !== 1) return { wrong: `has ${ends.length} ends` };
  if (ends[0] !== last) return { wrong: `goes on with ${last.type} after its end` };
  if (last.type === "RUN_ERROR") {
    const isDeath = last["code"] === "AGENT_DIED" && last["message"] === DIED;
    return isDeath ? { ending: "died" } : { wrong: `ended with ${JSON.stringify(last)}` };
  }
  const { type } = Object(last["outcome"]) as { readonly type?: unknown };
  if (type === "success") return { ending: "finished" };
  if (type === "cancelled" && isCancelled) return { ending: "cancelled" };
  return { wrong: `ended as ${JSON.stringify(last)}` };
}

/** A run that ended early said the beginning of its script; cancelled, its open items were closed. */
function judgeContent(
  ending: Ending,
  said: readonly Said[],
  script: readonly Said[],
  tell: (what: string) => void,
): void {
  if (ending === "finished" && said.length !== script.length) {
    return tell(`finished after ${said.length} of ${script.length} events`);
  }
  const same = said.findIndex((event, index) => !isDeepStrictEqual(event, script[index]));
  const closing = same === -1 ? [] : said.slice(same);
  const isClosed = ending === "cancelled" && closing.every(({ type }) => type.endsWith("_END"));
  if (closing.length === 0 || (isClosed && closing.length === 1)) return;
  tell(`says ${JSON.stringify(said[same])} instead of ${JSON.stringify(script[same])}`);
}

function saidIn(event: ReceivedEvent): Said {
  const { metadata, ...said } = event;
  void metadata;
  return said;
}
