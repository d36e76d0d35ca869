import type { Mutant } from "../mutant.ts";

export const forgottenWhileItIsBusy: Mutant = {
  name: "forgotten while it is busy",
  breaks:
    "A connection is forgotten some seconds after it came, however busy it is; its socket stays open and hears nothing.",
  killedBy: "7.1",
  as: "loss",
  changes: [
    {
      file: "connection/feed.ts",
      find: "    void connection.closed.then(() => this.#unfollow());",
      replace: `    const age = setTimeout(() => this.#unfollow(), 4000).unref();
    void connection.closed.then(() => {
      clearTimeout(age);
      this.#unfollow();
    });`,
    },
  ],
};
