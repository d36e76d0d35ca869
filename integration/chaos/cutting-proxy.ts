import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How a line is cut in the middle. */
export type ProxyCut =
  /** Of the next bytes from the server half arrive; then both ends are reset. */
  | "mid-frame"
  /** Of the next bytes from the client half arrive; then both ends are reset. */
  | "mid-request"
  /** Nothing arrives any more, and nobody is told. */
  | "stall";

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  cut: ProxyCut | undefined;
}

/** A wire between devices and the server that can be cut wherever it hurts. */
export class CuttingProxy {
  readonly #lines = new Map<number, Line>();
  readonly #server: Server;
  readonly #target: () => number;

  /** `target` says on which port the server is. */
  constructor(target: () => number) {
    this.#target = target;
    this.#server = createServer((client) => this.#open(client));
  }

  /** Begins to listen; answers the port. */
  async listen(): Promise<number> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts the line of the device that connected from `port`; `false` if there is none. */
  cut(port: number, cut: ProxyCut): boolean {
    const line = this.#lines.get(port);
    if (line === undefined || line.cut !== undefined) return false;
    line.cut = cut;
    return true;
  }

  close(): void {
    this.#server.close();
    for (const { client, server } of this.#lines.values()) {
      client.destroy();
      server.destroy();
    }
  }

  #open(client: Socket): void {
    const { remotePort = 0 } = client;
    const server = connect(this.#target(), "127.0.0.1");
    const line: Line = { client, server, cut: undefined };
    this.#lines.set(remotePort, line);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on("data", (bytes: Buffer) => pass(bytes, { line, from: client, to: server }));
    server.on("data", (bytes: Buffer) => pass(bytes, { line, from: server, to: client }));
    const end = (): void => {
      client.destroy();
      server.destroy();
      this.#lines.delete(remotePort);
    };
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
  }
}

interface Passage {
  readonly line: Line;
  readonly from: Socket;
  readonly to: Socket;
}

function pass(bytes: Buffer, { line, from, to }: Passage): void {
  const { cut, client, server } = line;
  if (cut === "stall") return;
  const isHere = cut === (from === server ? "mid-frame" : "mid-request");
  if (!isHere) return void to.write(bytes);
  to.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  });
}
