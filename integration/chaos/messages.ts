/** How a server of the chaos is started. */
export interface ServerOptions {
  readonly folder: string;
  readonly log: LogKind;
}

/** Where events are kept. In memory they are lost with the server: the judge must notice. */
export type LogKind = "lmdb" | "memory";

/** The one thing that a server is told: the one before is gone. 0: any port that is free. */
export interface Go {
  readonly port: number;
}

/** What a server tells the process that started it. */
export type ServerMessage =
  | { readonly type: "listening"; readonly port: number }
  /** The runtime told its operator of a failure. */
  | { readonly type: "trouble"; readonly stage: string; readonly message: string };
