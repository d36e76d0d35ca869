import type { Mutant } from "../mutant.ts";

export const lostFollower: Mutant = {
  name: "lost follower",
  breaks:
    "Of two devices that begin to listen at once, the one that is written back last is the only one that hears.",
  killedBy: "5.1",
  as: "loss",
  changes: [
    {
      file: "event-log/user-stream.ts",
      find: "import { checkUser, type UserContext }",
      replace: `import { setImmediate as nextTurn } from "node:timers/promises";
import { checkUser, type UserContext }`,
    },
    {
      file: "event-log/user-stream.ts",
      find: "  readonly #followers = new Set<Follower>();",
      replace: "  #followers: ReadonlySet<Follower> = new Set();",
    },
    {
      file: "event-log/user-stream.ts",
      find: `    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }`,
      replace: `    void this.#change((followers) => followers.add(follower));
    return () => void this.#change((followers) => followers.delete(follower));
  }

  async #change(change: (followers: Set<Follower>) => void): Promise<void> {
    const followers = new Set(this.#followers);
    await nextTurn();
    change(followers);
    this.#followers = followers;
  }`,
    },
    {
      file: "event-log/user-stream.ts",
      find: "    this.#followers.clear();",
      replace: "    this.#followers = new Set();",
    },
  ],
};
