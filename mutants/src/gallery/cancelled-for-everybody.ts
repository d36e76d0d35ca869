import type { Mutant } from "../mutant.ts";

export const cancelledForEverybody: Mutant = {
  name: "cancelled for everybody",
  breaks:
    "The ids of cancelled runs are kept without their users: whoever uses such an id next is cancelled, too.",
  killedBy: "7.1",
  as: "loss",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `const cancelled = new Set<string>();

/** An agent and the name that it goes by. */`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    run.listen();",
      replace: `    run.listen();
    if (cancelled.has(request.runId)) run.end({ status: "cancelled" });`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    return this.#active.get(runId)?.end(",
      replace: `    cancelled.add(runId);
    return this.#active.get(runId)?.end(`,
    },
  ],
};
