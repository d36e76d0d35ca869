import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ClientOptions, type WebSocket, WebSocketServer } from "ws";
import { TestClient } from "../http/test-client.ts";

/** Both ends of one real socket. */
export interface SocketPair {
  readonly server: WebSocket;
  readonly client: TestClient;
}

/** A place to open real sockets in, without any of our server. */
export class SocketYard implements AsyncDisposable {
  readonly #server: WebSocketServer;

  constructor(server: WebSocketServer) {
    this.#server = server;
  }

  async open(options: ClientOptions = {}): Promise<SocketPair> {
    const { port } = this.#server.address() as AddressInfo;
    const accepted = once(this.#server, "connection");
    const client = new TestClient(`ws://127.0.0.1:${port}`, options);
    const [server] = (await accepted) as [WebSocket];
    if (client.socket.readyState !== client.socket.OPEN) await client.opened();
    return { server, client };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export async function openYard(): Promise<SocketYard> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  return new SocketYard(server);
}
