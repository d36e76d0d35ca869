import type { Mutant } from "../mutant.ts";

export const oneListOfOpenItems: Mutant = {
  name: "one list of open items",
  breaks:
    "What runs have left open is kept in one list: a run that ends closes the messages of all others.",
  killedBy: "2.1",
  as: "duplicate",
  changes: [
    {
      file: "bridge/open-items.ts",
      find: "/** Remembers what a run has opened, so that it can be closed before the run ends. */",
      replace: `const openItems = new Map<string, WireEvent>();

/** Remembers what a run has opened, so that it can be closed before the run ends. */`,
    },
    {
      file: "bridge/open-items.ts",
      find: "  readonly #open = new Map<string, WireEvent>();",
      replace: "  readonly #open = openItems;",
    },
  ],
};
