import { createServer, type Socket } from "node:net";
import { HOST, listen } from "./listen.ts";
import type { Sink } from "./sink.ts";
import { MAX_MESSAGE_BYTES, type SinkLog } from "./sink-log.ts";

export interface TcpSinkOptions {
  readonly name: string;
  readonly log: SinkLog;
  /** Whether a connection carries several users by design: then what was taken is let go of. */
  readonly batches: boolean;
}

/** So much of what was taken is kept in any case: a canary may have been cut in two. */
const OVERLAP_BYTES = 256;

/**
 * Starts a server that records the bytes of each connection and says nothing. Only whoever connects knows
 * where a message ends, so a connection is one message, which grows.
 */
export async function startTcpSink({ name, log, batches }: TcpSinkOptions): Promise<Sink> {
  const open = new Set<Connection>();
  const server = createServer((socket) => {
    const connection = new Connection(socket, log, batches);
    open.add(connection);
    socket.once("close", () => {
      connection.flush();
      open.delete(connection);
    });
  });
  const port = await listen(server);
  return {
    name,
    url: `tcp://${HOST}:${port}`,
    host: HOST,
    port,
    take: () => {
      for (const connection of open) connection.flush();
      return log.take();
    },
    get gaps() {
      return log.gaps;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of open) connection.close();
      await closed;
    },
  };
}

/** What one connection has sent so far. */
class Connection {
  readonly #socket: Socket;
  readonly #log: SinkLog;
  readonly #batches: boolean;
  readonly #index: number;
  #bytes = Buffer.alloc(0);
  #flushed = 0;
  #isCut = false;

  constructor(socket: Socket, log: SinkLog, batches: boolean) {
    this.#socket = socket;
    this.#log = log;
    this.#batches = batches;
    this.#index = log.nextIndex();
    socket.on("data", (chunk: Buffer) => this.#keep(chunk));
    socket.on("error", () => {});
  }

  /** Records what has come since the last time. */
  flush(): void {
    if (this.#bytes.length === this.#flushed) return;
    this.#log.record({
      what: "connection",
      bytes: this.#bytes,
      addressee: [],
      newFrom: this.#flushed,
      index: this.#index,
    });
    if (this.#batches) this.#bytes = this.#bytes.subarray(-OVERLAP_BYTES);
    this.#flushed = this.#bytes.length;
  }

  close(): void {
    this.#socket.destroy();
  }

  #keep(chunk: Buffer): void {
    const part = chunk.subarray(0, MAX_MESSAGE_BYTES - this.#bytes.length);
    if (part.length < chunk.length && !this.#isCut) {
      this.#isCut = true;
      this.#log.noteCut();
    }
    this.#bytes = Buffer.concat([this.#bytes, part]);
  }
}
