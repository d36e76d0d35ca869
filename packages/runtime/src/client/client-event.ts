import type { WireEvent } from "../protocol/events.ts";

/** Where an event belongs. */
export interface EventPlace {
  readonly threadId: string;
  readonly runId: string;
  /** The number of the event in its run, from 1. */
  readonly seq: number;
  /** Its place in the user's log; hand in that of the last event you dealt with as `after`. */
  readonly position: string;
}

interface Placed {
  readonly metadata: EventPlace & Readonly<Record<string, unknown>>;
}

type PlacedEvent<E> = E extends WireEvent ? Omit<E, "metadata"> & Placed : never;

/** Any event of AG-UI, with the place where it belongs. */
export type ClientEvent = PlacedEvent<WireEvent>;

/** The types that events have. */
export type ClientEventType = `${WireEvent["type"]}`;

type OfType<E, T> = E extends ClientEvent ? (T extends E["type"] ? E : never) : never;

/** The event of a type; `*` stands for any. */
export type ClientEventOf<T extends ClientEventType | "*"> = T extends "*"
  ? ClientEvent
  : OfType<ClientEvent, T>;
