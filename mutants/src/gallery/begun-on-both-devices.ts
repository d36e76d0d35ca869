import type { Mutant } from "../mutant.ts";

export const begunOnBothDevices: Mutant = {
  name: "begun on both devices",
  breaks:
    "A question that two devices send at once is started twice, and the second start breaks the first.",
  killedBy: "5.2",
  as: "unexpected",
  changes: [
    {
      file: "http/resident-user.ts",
      find: "import type { RunAgentInput }",
      replace: `import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunAgentInput }`,
    },
    {
      file: "http/resident-user.ts",
      find: `    const scope = this.#open("run", sessionId, runId, request);`,
      replace: `    void this.#begin({ sessionId, request, agent, input });
    return undefined;
  }

  async #begin({ sessionId, request, agent, input }: RunStart): Promise<void> {
    await nextTurn();
    const scope = this.#open("run", sessionId, request.runId, request);`,
    },
    {
      file: "http/resident-user.ts",
      find: `      void this.stream.settled().then(() => this.#parts.onLeft());
      return run;
    }
    scope.defer(() => void run.end({ status: "cancelled" }));
    void run.ended.then(() => this.#leave(scope, sessionId));
    return run;`,
      replace: `      void this.stream.settled().then(() => this.#parts.onLeft());
      return;
    }
    scope.defer(() => void run.end({ status: "cancelled" }));
    void run.ended.then(() => this.#leave(scope, sessionId));`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    if (known !== undefined) return sameThread(known, request);",
      replace: "    if (known !== undefined) sameThread(known, request);",
    },
  ],
};
