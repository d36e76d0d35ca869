import type { Mutant } from "../mutant.ts";

export const cancelByIdAlone: Mutant = {
  name: "cancel by id alone",
  breaks: "Whoever knows the id of somebody's run can end it.",
  killedBy: "1.2",
  as: "foreign-access",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `const everyRun = new Map<string, Run>();

/** An agent and the name that it goes by. */`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.set(request.runId, run);",
      replace: `    this.#active.set(request.runId, run);
    everyRun.set(request.runId, run);`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: `    return this.#active.get(runId)?.end({ status: "cancelled" }) ?? false;`,
      replace: `    return everyRun.get(runId)?.end({ status: "cancelled" }) ?? false;`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.delete(runId);",
      replace: `    this.#active.delete(runId);
    everyRun.delete(runId);`,
    },
    {
      file: "http/resident-user.ts",
      find: "    if (this.registry.get(runId) !== undefined) return this.registry.cancel(runId);",
      replace: "    if (this.registry.cancel(runId)) return true;",
    },
  ],
};
