import type { ClientEvent } from "./client-event.ts";
import type { Incident } from "./incident.ts";
import type { Place } from "./place.ts";
import { outcomeOf } from "./run-outcome.ts";
import type { RunLedger } from "./run-ledger.ts";
import { isTerminalType } from "../protocol/events.ts";

/** Whom an intake tells. */
export interface IntakeListener {
  /** An event for everybody who listens. */
  readonly onEvent: (event: ClientEvent) => void;
  readonly onIncident: (incident: Incident) => void;
  /** The place has changed: the line must begin anew there. */
  readonly onGoBack: () => void;
}

/** Lets through what is this client's, once and in order, and nothing else. */
export class Intake {
  readonly #place: Place;
  readonly #ledger: RunLedger;
  readonly #listener: IntakeListener;

  constructor(place: Place, ledger: RunLedger, listener: IntakeListener) {
    this.#place = place;
    this.#ledger = ledger;
    this.#listener = listener;
  }

  /** Takes an event that is well-formed; answers whether it was good. */
  take(event: ClientEvent): boolean {
    const { position } = event.metadata;
    if (!this.#place.isHere(position) || !saysOnePlace(event))
      return this.#refuse("foreign", event);
    switch (this.#ledger.judge(event.metadata)) {
      case "next":
        this.#deliver(event);
        return true;
      case "unwanted":
        this.#place.pass(position);
        return true;
      case "repeat":
        if (!this.#place.isRepeating) return this.#refuse("duplicate", event);
        this.#place.pass(position);
        return true;
      case "gap":
        return this.#goBack(event);
      case "foreign":
        return this.#refuse("foreign", event);
      case "after-end":
        return this.#refuse("after-end", event);
    }
  }

  #deliver(event: ClientEvent): void {
    this.#place.pass(event.metadata.position);
    const handle = this.#ledger.take(event);
    handle?.deliver(event);
    if (isTerminalType(event.type)) handle?.end(outcomeOf(event));
    this.#listener.onEvent(event);
  }

  #goBack(event: ClientEvent): false {
    const { runId, position } = event.metadata;
    this.#refuse("gap", event);
    const before = this.#ledger.miss(runId);
    if (before === undefined) {
      this.#place.pass(position);
    } else {
      this.#place.goBack(before);
      this.#listener.onGoBack();
    }
    return false;
  }

  #refuse(kind: Incident["kind"], { metadata }: ClientEvent): false {
    const { threadId, runId, seq } = metadata;
    this.#listener.onIncident({ kind, threadId, runId, seq });
    return false;
  }
}

/** Events that begin and end a run name it a second time. */
function saysOnePlace(event: ClientEvent): boolean {
  if (event.type !== "RUN_STARTED" && event.type !== "RUN_FINISHED") return true;
  const { threadId, runId } = event.metadata;
  return event.threadId === threadId && event.runId === runId;
}
