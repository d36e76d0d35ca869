import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How many bytes may pass, in both directions, until a line is cut; for ever if it says so. */
export type CutAfter = () => number;

/** A line through the middle: passes bytes on until it is told to cut, at whatever byte that is. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #cutAfter: CutAfter;
  readonly #open = new Set<Socket>();
  #cuts = 0;

  constructor(server: Server, targetPort: number, cutAfter: CutAfter) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.#cutAfter = cutAfter;
    server.on("connection", (near) => this.#join(near));
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  /** Lines that were cut so far. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts all lines now. */
  cutAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    const far = connect(this.#targetPort, "127.0.0.1");
    let leftBytes = this.#cutAfter();
    const cut = (): void => {
      for (const socket of [near, far]) {
        this.#open.delete(socket);
        socket.destroy();
      }
    };
    const pass = (to: Socket, bytes: Buffer): void => {
      if (leftBytes <= 0) return;
      leftBytes -= bytes.length;
      if (leftBytes > 0) return void to.write(bytes);
      this.#cuts += 1;
      // The first part of what came still arrives: a frame ends in its middle.
      to.end(bytes.subarray(0, bytes.length + leftBytes), cut);
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(from);
      from.on("data", (bytes: Buffer) => pass(to, bytes));
      from.on("error", cut);
      from.on("close", cut);
    }
  }
}

export async function startCuttingProxy(
  targetPort: number,
  cutAfter: CutAfter = () => Number.POSITIVE_INFINITY,
): Promise<CuttingProxy> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return new CuttingProxy(server, targetPort, cutAfter);
}
