import type { Mutant } from "../mutant.ts";

export const timerDrivenHeartbeat: Mutant = {
  name: "timer-driven heartbeat",
  breaks: "A timer beside the agent reports progress for it, so a hung agent lives for ever.",
  killedBy: "2.2",
  as: "missing-death",
  changes: [
    {
      file: "execution/run.ts",
      find: `    }, progressTimeoutMs);
    return true;`,
      replace: `    }, progressTimeoutMs);
    const beat = setInterval(() => this.progress(), 200);
    this.signal.addEventListener("abort", () => clearInterval(beat));
    return true;`,
    },
  ],
};
