import type { Mutant } from "../mutant.ts";

export const cancelMeetsTheEnd: Mutant = {
  name: "cancel meets the end",
  breaks:
    "A cancelled run gets a moment to end by itself, and is then ended once more, though it has.",
  killedBy: "5.2",
  as: "duplicate",
  changes: [
    {
      file: "execution/run.ts",
      find: "import type { Interrupt }",
      replace: `import { setTimeout as delay } from "node:timers/promises";
import type { Interrupt }`,
    },
    {
      file: "execution/run.ts",
      find: "    this.#status = outcome.status;",
      replace: `    void this.#conclude(outcome);
    return true;
  }

  async #conclude(outcome: RunOutcome): Promise<void> {
    this.#abort.abort(abortReason());
    if (outcome.status === "cancelled") await delay(200);
    this.#status = outcome.status;`,
    },
    {
      file: "execution/run.ts",
      find: `    this.#onEnd(outcome);
    this.#abort.abort(abortReason());
    return true;`,
      replace: "    this.#onEnd(outcome);",
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "if (isTerminalType(event.type)) this.#runs.delete(runId);",
      replace:
        "if (isTerminalType(event.type)) setTimeout(() => this.#runs.delete(runId), 500).unref();",
    },
  ],
};
