import type { Mutant } from "../mutant.ts";

export const onlyTheLatestDevice: Mutant = {
  name: "only the latest device",
  breaks: "A user's first device hears nothing more once a second one has come.",
  killedBy: "1.3",
  as: "loss",
  changes: [
    {
      file: "event-log/user-stream.ts",
      find: "    this.#followers.add(follower);",
      replace: `    this.#followers.clear();
    this.#followers.add(follower);`,
    },
  ],
};
