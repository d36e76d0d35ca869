import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy that cuts connections in the middle of what the server says. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #left: number[];
  cuts = 0;

  /** The n-th connection is cut after that many bytes from the server; later ones are left alone. */
  constructor(port: number, cutAfterBytes: readonly number[]) {
    this.#left = [...cutAfterBytes];
    this.#server = createServer((client) => this.#relay(client, connect(port, "127.0.0.1")));
  }

  async listen(): Promise<number> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(client: Socket, upstream: Socket): void {
    let left = this.#left.shift() ?? Number.POSITIVE_INFINITY;
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
    }
    client.once("close", () => upstream.destroy());
    upstream.once("close", () => client.destroy());
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => {
      client.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0 || client.destroyed) return;
      this.cuts += 1;
      client.destroySoon();
    });
  }
}
