import type { Mutant } from "../mutant.ts";

export const oneUserToTheEnd: Mutant = {
  name: "one user to the end",
  breaks:
    "Turns are given one by one, first to whoever has most waiting, until nothing of theirs waits any more.",
  killedBy: "6.1",
  as: "unfair",
  changes: [
    {
      file: "drivers/memory/memory-run-queue.ts",
      find: "    if (line.credit === 0) this.#goToTheEnd(line);",
      replace: "    if (line.waiting.size === 0) this.#goToTheEnd(line);",
    },
    {
      file: "execution/run-scheduler.ts",
      find: `import { setImmediate as nextTurn } from "node:timers/promises";`,
      replace: `import { setTimeout as delay } from "node:timers/promises";`,
    },
    {
      file: "drivers/memory/memory-run-queue.ts",
      find: `    if (line.seat === undefined) {
      line.credit = line.weight;
      line.seat = this.#ring.push(line);
    }`,
      replace: `    if (line.seat !== undefined) this.#ring.remove(line.seat);
    line.credit = line.weight;
    line.seat = this.#ring.insert(line, ({ waiting }) => waiting.size >= line.waiting.size);`,
    },
    {
      file: "execution/run-scheduler.ts",
      find: "const BURST = 16;",
      replace: "const BURST = 1;",
    },
    {
      file: "execution/run-scheduler.ts",
      find: "await nextTurn();",
      replace: "await delay(25);",
    },
  ],
};
