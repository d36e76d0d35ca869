/** The part of a WebSocket that the client uses: those of browsers, of Node 22 and of `ws` have it. */
export interface WebSocketLike {
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** Cuts the line without a goodbye; `ws` has it, browsers don't. */
  terminate?(): void;
}

/** What makes a socket, for example the global `WebSocket` or that of the package `ws`. */
export type WebSocketConstructor = new (url: string, ...rest: never[]) => WebSocketLike;
