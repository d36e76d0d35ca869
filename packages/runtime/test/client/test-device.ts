import { WebSocket } from "ws";
import type { Client } from "../../src/client/client.ts";
import type { ClientEvent } from "../../src/client/client-event.ts";
import type { ClientOptions, ResetNotice } from "../../src/client/client-options.ts";
import type { ClientRun } from "../../src/client/client-run.ts";
import type { StateChange } from "../../src/client/client-state.ts";
import { createClient } from "../../src/client/create-client.ts";
import type { Incident } from "../../src/client/incident.ts";
import { signToken } from "../http/test-token.ts";

/** A client, and everything that it told its app. */
export class TestDevice implements AsyncDisposable {
  readonly client: Client;
  readonly events: ClientEvent[] = [];
  readonly incidents: Incident[] = [];
  readonly resets: ResetNotice[] = [];
  readonly changes: StateChange[] = [];
  readonly errors: unknown[] = [];

  constructor(options: ClientOptions) {
    this.client = createClient({
      webSocket: WebSocket,
      backOff: { baseMs: 10, maxMs: 40 },
      onIncident: (incident) => this.incidents.push(incident),
      onReset: (notice) => this.resets.push(notice),
      onStateChange: (change) => this.changes.push(change),
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.client.on("*", (event) => this.events.push(event));
  }

  /** How often it was in that state. */
  times(state: StateChange["state"]): number {
    return this.changes.filter((change) => change.state === state).length;
  }

  kinds(): readonly string[] {
    return this.incidents.map(({ kind }) => kind);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client.close();
  }
}

/** A device of a user of the server under test. */
export function deviceOf(
  userId: string,
  url: string,
  options: Partial<ClientOptions> = {},
): TestDevice {
  return new TestDevice({ url, token: () => signToken(userId), ...options });
}

/** Reads a run to its end; what was read, and what was thrown if something was. */
export async function readAll(
  run: ClientRun,
): Promise<{ readonly events: readonly ClientEvent[]; readonly error?: unknown }> {
  const events: ClientEvent[] = [];
  try {
    for await (const event of run) events.push(event);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

export function typesOf(events: readonly ClientEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

export function seqsOf(events: readonly ClientEvent[]): readonly number[] {
  return events.map(({ metadata }) => metadata.seq);
}
