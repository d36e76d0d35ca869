import type { Mutant } from "../mutant.ts";

export const leakThroughAHelpfulRefusal: Mutant = {
  name: "leak through a helpful refusal",
  breaks: "Who names a run that is not there is told which runs there are, of all users.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "http/web-socket-dialog.ts",
      find: "const MAX_INVALID_FRAMES = 10;",
      replace: `const begun = new Set<string>();
const MAX_INVALID_FRAMES = 10;`,
    },
    {
      file: "http/web-socket-dialog.ts",
      find: "      const request = createRequestContext(this.#resident.user, { threadId, runId, scopes });",
      replace: `      begun.add(runId);
      const request = createRequestContext(this.#resident.user, { threadId, runId, scopes });`,
    },
    {
      file: "http/web-socket-dialog.ts",
      find: `    this.#refuse("RUN_UNKNOWN", "Expected the id of a run of yours that is going on.", runId);`,
      replace: `    this.#refuse("RUN_UNKNOWN", \`Expected one of \${[...begun].join(", ")}.\`, runId);`,
    },
  ],
};
