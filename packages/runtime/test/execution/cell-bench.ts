import { expect } from "vitest";
import type { Agent } from "../../src/execution/agent.ts";
import type { Run } from "../../src/execution/run.ts";
import type { AgentEvent } from "../../src/protocol/events.ts";
import { RegistryBench } from "./registry-bench.ts";

/** The module of the agents that run in cells. */
export const MODULE: URL = new URL("./fixtures/agents.mjs", import.meta.url);

/** A registry whose agents run in cells, and every event that they said. */
export class CellBench implements AsyncDisposable {
  readonly events: AgentEvent[] = [];
  readonly bench: RegistryBench;

  constructor(options: ConstructorParameters<typeof RegistryBench>[0] = {}) {
    this.bench = new RegistryBench({
      sink: {
        begin: () => {},
        event: (_, event) => void this.events.push(event),
        end: ({ runId }, __, { status }) => void this.bench.told.push(`end ${runId} ${status}`),
      },
      ...options,
    });
  }

  start(agent: Agent, runId = "run", forwardedProps: unknown = {}): Run {
    const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
    const request = this.bench.request(runId);
    return this.bench.registry.start(
      request,
      { name: "cell", agent },
      { ...input, forwardedProps },
    );
  }

  get values(): readonly unknown[] {
    return this.events.map((event) => (event as { value?: unknown }).value);
  }

  /** The value of the first event. */
  async first<T>(): Promise<T> {
    await expect
      .poll(() => this.events.length, { timeout: 15_000, interval: 5 })
      .toBeGreaterThan(0);
    return this.values[0] as T;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.bench[Symbol.asyncDispose]();
  }
}
