import { createDeferred, type Deferred } from "../internal/deferred.ts";
import { wait } from "../internal/wait.ts";

type UserTask = (pass: () => Promise<void>) => Promise<void>;

/** Whoever waits for what another user does next must not hold the others for ever. */
const PATIENCE_MS = 150;

/**
 * One step at a time: every user takes the first step, one after another, then every user the second, in
 * the opposite order, and so on. A step is over when its user comes back for the next one, is done, or waits
 * for something for 150 ms. So of any two users each is, in some step, the one who came last.
 */
export async function takeTurns(tasks: readonly UserTask[]): Promise<void> {
  const players = tasks.map((task) => new Player(task));
  const played = Promise.all(players.map((player) => player.play()));
  // Whoever fails early is told of at the end.
  played.catch(() => {});
  for (let step = 0; players.some(({ isDone }) => !isDone); step += 1) {
    for (const player of step % 2 === 0 ? players : players.toReversed()) await player.takeStep();
  }
  await played;
}

class Player {
  isDone = false;
  readonly #task: UserTask;
  /** The turn for which the player stands at the door. */
  #awaited: Deferred<void> | undefined;
  /** Resolved when the player stands at the door again, or is done. */
  #back: Deferred<void> = createDeferred();

  constructor(task: UserTask) {
    this.#task = task;
  }

  async play(): Promise<void> {
    try {
      await this.#task(() => this.#pass());
    } finally {
      this.isDone = true;
      this.#back.resolve();
    }
  }

  async takeStep(): Promise<void> {
    await this.#untilBack();
    if (this.#awaited === undefined) return;
    this.#back = createDeferred();
    this.#awaited.resolve();
    this.#awaited = undefined;
    await this.#untilBack();
  }

  async #untilBack(): Promise<void> {
    if (!this.isDone) await Promise.race([this.#back.promise, wait(PATIENCE_MS)]);
  }

  /** Steps that a user takes at once are one. */
  #pass(): Promise<void> {
    this.#awaited ??= createDeferred();
    this.#back.resolve();
    return this.#awaited.promise;
  }
}
