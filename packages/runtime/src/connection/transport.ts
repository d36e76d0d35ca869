import type { CloseReason } from "../protocol/close-codes.ts";

/** What a transport tells of itself. Each is called by the transport alone, none after `onClose`. */
export interface TransportListener {
  /** The peer showed that it lives. */
  readonly onLife: () => void;
  /** All that was written has left this process. */
  readonly onDrain: () => void;
  /** The transport broke, or ends by itself: nothing more can be written. */
  readonly onBroken: () => void;
  /** The transport is gone, whoever ended it. Called exactly once, also if it was gone before. */
  readonly onClose: () => void;
}

/** One way to one device: a WebSocket or an event stream. Only its {@link Connection} writes to it. */
export interface Transport {
  /** Takes text frames. */
  readonly isOpen: boolean;
  /** Bytes written but not yet taken by the peer. */
  readonly bufferedBytes: number;
  /** Begins to tell `listener`; called once. */
  listen(listener: TransportListener): void;
  /** Writes a frame; with `tellDrain`, tells once it and all before it have left. */
  send(frame: string, tellDrain: boolean): void;
  /** Asks for a sign of life. */
  ping(): void;
  /** Says goodbye. */
  close(reason: CloseReason): void;
  /** Cuts the line. */
  terminate(): void;
}
