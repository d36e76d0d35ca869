import type { Mutant } from "../mutant.ts";

export const leakThroughMetrics: Mutant = {
  name: "leak through metrics",
  breaks:
    "A server tells whoever connects how busy it is, by the ids of all runs that are going on.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "http/resident-users.ts",
      find: "  /** Runs of all users that have not ended. */",
      replace: `  get running(): readonly string[] {
    const all = [...this.#residents.values()].flatMap(({ registry }) => registry.list());
    return all.map(({ request }) => request.runId);
  }

  /** Runs of all users that have not ended. */`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "      resume: start.resume,",
      replace: `      resume: start.resume,
      ...{ running: this.#options.residents.running },`,
    },
  ],
};
