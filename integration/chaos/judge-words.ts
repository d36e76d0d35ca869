import type { UserLedger } from "./ledger.ts";

/** A line on which nothing came through any more is given up by the server too. */
const HEARTBEAT_MISSED = "4001";

/** Answers what a user was told besides events that nothing gave a reason for. */
export function judgeWords({ words, asked }: UserLedger): readonly string[] {
  return words.filter((word) => {
    const goodbye = /^[\w-]+: closed with (\d+)/.exec(word);
    if (goodbye !== null) return goodbye[1] !== HEARTBEAT_MISSED;
    const refusal = /"code":"RUN_UNKNOWN".*"runId":"([^"]*)"/.exec(word);
    // Who cancels may come too late.
    return asked.get(refusal?.[1] ?? "")?.isCancelled !== true;
  });
}
