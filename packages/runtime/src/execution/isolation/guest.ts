import { createUserContext } from "../../context/user-context.ts";
import { wholeNumber } from "../../internal/options.ts";
import type { AgentEvent } from "../../protocol/events.ts";
import type { Agent, AgentContext, AgentReturn } from "../agent.ts";
import { type CellStart, type FromCell, plainError, type ToCell } from "./cell-messages.ts";

/** More signs of life than one in so many milliseconds say nothing new. */
const PROGRESS_EVERY_MS = 10;

/**
 * The agent's side of the wall: runs one agent once and says what comes of it. It asks the agent for
 * an event only while it has credit, so that what is said and not yet heard stays bounded.
 */
export class Guest {
  readonly #post: (message: FromCell) => void;
  readonly #abort = new AbortController();
  #credit = 0;
  #onCredit: () => void = () => {};
  #saidAliveAt = Number.NEGATIVE_INFINITY;

  constructor(post: (message: FromCell) => void) {
    this.#post = post;
  }

  receive(message: ToCell): void {
    switch (message.type) {
      case "start":
        return void this.#run(message.start);
      case "credit":
        this.#credit += message.events;
        return this.#onCredit();
      case "abort":
        return this.#abort.abort();
    }
  }

  async #run(start: CellStart): Promise<void> {
    try {
      const agent = await load(start);
      const value = await this.#follow(agent(start.input, this.#contextOf(start)));
      this.#post({ type: "return", value });
    } catch (error) {
      this.#post({ type: "throw", error: plainError(error) });
    }
  }

  async #follow(iterable: AsyncIterable<AgentEvent, AgentReturn | void>): Promise<unknown> {
    const events = iterable[Symbol.asyncIterator]();
    this.#abort.signal.addEventListener("abort", () => {
      const leave = async (): Promise<unknown> => events.return?.();
      void leave().then(
        () => this.#post({ type: "return", value: undefined }),
        (error: unknown) => this.#post({ type: "throw", error: plainError(error) }),
      );
    });
    for (;;) {
      while (this.#credit === 0) await new Promise<void>((resolve) => (this.#onCredit = resolve));
      const step = await events.next();
      if (step.done === true) return step.value;
      this.#credit -= 1;
      this.#post({ type: "event", event: step.value });
    }
  }

  #contextOf({ user, threadId, runId, scopes }: CellStart): AgentContext {
    return Object.freeze({
      user: createUserContext(user),
      threadId,
      runId,
      scopes: scopes && Object.freeze([...scopes]),
      signal: this.#abort.signal,
      progress: () => this.#sayAlive(),
      reportUsage: (tokens: number) =>
        this.#post({ type: "usage", tokens: wholeNumber("tokens", tokens, 0) }),
    });
  }

  #sayAlive(): void {
    const now = performance.now();
    if (now - this.#saidAliveAt < PROGRESS_EVERY_MS) return;
    this.#saidAliveAt = now;
    this.#post({ type: "progress" });
  }
}

async function load({ module, exportName }: CellStart): Promise<Agent> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const agent = exports[exportName];
  if (typeof agent === "function") return agent as Agent;
  throw new TypeError(
    `Expected the module to export an agent \`${exportName}\`, got ${typeof agent}`,
  );
}
