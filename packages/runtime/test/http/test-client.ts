import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";

/** A frame as it came over the wire. */
export interface Frame {
  readonly type: string;
  readonly [key: string]: unknown;
  readonly metadata?: { readonly threadId: string; readonly runId: string; readonly seq: number };
}

/** How a socket ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** One device of a user: a real socket that remembers every frame it got. */
export class TestClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<Ending>;
  readonly #waiting = new Set<() => void>();

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      for (const look of this.#waiting) look();
    });
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // Who connects waits for `opened()`, which hears of it too.
    this.socket.on("error", () => {});
  }

  /** Resolves once the handshake is done; rejects with what the server answered instead. */
  async opened(): Promise<this> {
    await once(this.socket, "open");
    return this;
  }

  /** The first frame that matches, among those that came and those to come. */
  first(matches: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const found = this.frames.find(matches);
        if (found === undefined) return false;
        this.#waiting.delete(look);
        resolve(found);
        return true;
      };
      if (look()) return;
      this.#waiting.add(look);
      void this.closed.then(({ code }) => {
        if (!look()) reject(new Error(`closed with ${code} before the frame came`));
      });
    });
  }

  ofType(type: string): Promise<Frame> {
    return this.first((frame) => frame.type === type);
  }

  /** The event that ends the run. */
  endOf(runId: string): Promise<Frame> {
    return this.first(
      (frame) => frame.metadata?.runId === runId && /^RUN_(FINISHED|ERROR)$/.test(frame.type),
    );
  }

  eventsOf(runId: string): readonly Frame[] {
    return this.frames.filter(({ metadata }) => metadata?.runId === runId);
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  run(agent: string, runId: string, threadId = "thread-1"): void {
    const input = { threadId, runId, messages: [], tools: [], context: [] };
    this.send({ type: "run", agent, input });
  }

  cancel(runId: string): void {
    this.send({ type: "cancel", runId });
  }

  /** A round trip: whatever the server had sent to this socket before has come when it resolves. */
  async fence(): Promise<void> {
    const id = randomUUID();
    this.send({ type: "ping", id });
    await this.first((frame) => frame.type === "pong" && frame["id"] === id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.resume();
    this.socket.terminate();
    await this.closed;
  }
}
