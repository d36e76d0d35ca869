/** How a server of the fuzzing is started. */
export interface ServerOptions {
  /** What everybody's canaries are made of. */
  readonly seed: string;
}

/** What the server is asked. `forget`: erase everything of these users. */
export type Question =
  | { readonly ask: "state" }
  | { readonly ask: "forget"; readonly users: readonly string[] };

/** What is in the server's tables and memory, after a forced collection. */
export interface ServerState {
  /** With a connection, or with a run that has not ended. */
  readonly users: number;
  readonly connections: number;
  /** TCP sockets that its process holds. */
  readonly sockets: number;
  readonly heapMegabytes: number;
  readonly peakMegabytes: number;
  /** Processor time, in milliseconds, of the longest turn of the event loop since the start. */
  readonly longestTurnMs: number;
  /** Names that somebody got into `Object.prototype`. */
  readonly pollution: readonly string[];
}

/** What the server says. */
export type ServerMessage =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "state"; readonly state: ServerState }
  | { readonly type: "forgotten" }
  /** The runtime told its operator of a failure, or Node of something nobody handled. */
  | {
      readonly type: "trouble";
      readonly stage: string;
      readonly code: string;
      readonly message: string;
    };
