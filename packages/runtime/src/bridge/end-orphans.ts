import type { UserStream } from "../event-log/user-stream.ts";
import type { AgentWebSocketBridge } from "./agent-web-socket-bridge.ts";

const PAGE = Object.freeze({ maxRecords: 1000, maxBytes: 1024 * 1024 });

/**
 * Ends, as died, every run that the log knows without an end and that no other node holds: its server
 * went away before the agent did. To be called when the log has just been opened, before any run begins.
 */
export async function endOrphans(stream: UserStream, bridge: AgentWebSocketBridge): Promise<void> {
  const orphans = stream.openRuns().filter(({ isHeld }) => isHeld !== true);
  if (orphans.length === 0) return;
  const told = await countTold(stream, Math.min(...orphans.map(({ firstSeq }) => firstSeq)));
  for (const run of orphans) {
    bridge.reopenRun(run, told.get(run.runId) ?? 0);
    void bridge.agentDeath(run.runId, run.agentName, "its server went away");
  }
}

/** How many events of each run were told, by the number that the last one carries. */
async function countTold(stream: UserStream, firstSeq: number): Promise<Map<string, number>> {
  const told = new Map<string, number>();
  let after = Math.max(firstSeq, stream.first) - 1;
  while (after < stream.last) {
    const records = await stream.read(after, PAGE);
    for (const { seq, runId, frame } of records) {
      after = seq;
      const { metadata } = JSON.parse(frame) as { readonly metadata: { readonly seq: number } };
      told.set(runId, metadata.seq);
    }
    if (records.length === 0) break;
  }
  return told;
}
