/** How a sink is spoken to. */
export type SinkKind = "http" | "smtp" | "tcp" | "proxy";

/** Something that the target sent to a sink, decoded: as whoever it is for would read it. */
export interface SinkMessage {
  /** The name of the sink in the config. */
  readonly sink: string;
  /** Counts from 0 per sink. */
  readonly index: number;
  /** When it was whole, by `performance.now()`. */
  readonly at: number;
  /** For people, with every canary masked: `mail`, `POST /send`, `connection`. */
  readonly what: string;
  readonly bytes: Buffer;
  /** What stands before this byte was handed out before. */
  readonly newFrom: number;
  /** Where to look for whom it is meant for, the most telling place first. */
  readonly addressee: readonly Buffer[];
  /** Whether messages of this sink carry several users by design. */
  readonly batches: boolean;
}

/** A server to which the target sends what its own users never see. */
export interface Sink extends AsyncDisposable {
  readonly name: string;
  /** `http://127.0.0.1:41234`, `smtp://…` or `tcp://…`, without a path. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** What arrived since it was asked last, in order. */
  take(): readonly SinkMessage[];
  /** What was not recorded, a sentence each. */
  readonly gaps: readonly string[];
}
