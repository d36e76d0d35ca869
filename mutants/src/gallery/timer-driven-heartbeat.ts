import type { Mutant } from "../mutant.ts";

export const timerDrivenHeartbeat: Mutant = {
  name: "timer-driven heartbeat",
  breaks: "A timer beside the agent reports progress for it, so a hung agent lives for ever.",
  killedBy: "2.2",
  as: "missing-death",
  changes: [
    {
      file: "execution/run.ts",
      find: "    this.#timers = [timeOut, this.#progressTimer];",
      replace:
        "    const beat = setInterval(() => this.progress(), 200);\n    this.#timers = [timeOut, this.#progressTimer, beat];",
    },
  ],
};
