import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { WebSocket } from "ws";

const SECRET = "a secret that only this test knows, 32 bytes";

/** A frame as a client reads it. */
export interface Frame {
  readonly type: string;
  readonly metadata?: { readonly threadId: string; readonly runId: string; readonly seq: number };
  readonly [field: string]: unknown;
}

/** One of the example back ends, running as a process of its own on a free port. */
export class BackEnd {
  readonly #process: ChildProcess;
  readonly url: string;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** Starts `examples/<name>`; resolves when it has said where to connect. */
  static async start(name: string): Promise<BackEnd> {
    const server = fileURLToPath(new URL(`../../${name}/dist/server.js`, import.meta.url));
    const env = { PATH: process.env["PATH"], PORT: "0", JWT_SECRET: SECRET };
    const child = spawn(process.execPath, [server], {
      env: { ...env, AGENT_PROGRESS_TIMEOUT_MS: "300" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors += data.toString("utf8")));
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /ws:\/\/\S+/.exec(line)?.[0];
      if (url !== undefined) return new BackEnd(child, url);
    }
    throw new Error(`Expected the server to say where to connect, but it ended. ${errors}`);
  }

  /** Connects a device of a user, and waits until the server is ready for it. */
  async connect(userId: string, sessionId?: string): Promise<Device> {
    const query = sessionId === undefined ? "" : `?session=${sessionId}`;
    const device = new Device(this.url + query, {
      authorization: `Bearer ${await tokenOf(userId)}`,
    });
    await device.next(({ type }) => type === "ready");
    return device;
  }

  /** Sends SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    return (await exit)[0] as number | null;
  }
}

/** A socket with everything that it received. */
export class Device {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  readonly #closed: Promise<number>;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#socket = new WebSocket(url, { headers });
    this.#closed = once(this.#socket, "close").then(([code]) => code as number);
    this.#socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString("utf8")) as Frame);
      this.#socket.emit("frame");
    });
  }

  get sessionId(): string {
    return String(this.frames[0]?.["sessionId"]);
  }

  /** Resolves with the close code. */
  get closed(): Promise<number> {
    return this.#closed;
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBinary(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  /** Asks an agent something, on a thread and as a run of that name. */
  run(agent: string, run: RunNames, question: string, forwardedProps: object = {}): void {
    const messages = [{ id: "m1", role: "user", content: question }];
    const input = { ...run, messages, tools: [], context: [], forwardedProps };
    this.send({ type: "run", agent, input });
  }

  /** The first frame, received already or still to come, that `matches`. */
  async next(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = this.frames.find(matches);
      if (frame !== undefined) return frame;
      await once(this.#socket, "frame");
    }
  }

  /** The event that ends a run. */
  end(runId: string): Promise<Frame> {
    return this.next(
      ({ type, metadata }) =>
        metadata?.runId === runId && (type === "RUN_FINISHED" || type === "RUN_ERROR"),
    );
  }

  eventsOf(runId: string): readonly Frame[] {
    return this.frames.filter(({ metadata }) => metadata?.runId === runId);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }
}

/** The ids under which a run is asked for. */
export interface RunNames {
  readonly threadId: string;
  readonly runId: string;
}

/** All streamed text of a run. */
export function textOf(events: readonly Frame[]): string {
  const contents = events.filter(({ type }) => type === "TEXT_MESSAGE_CONTENT");
  return contents.map(({ delta }) => String(delta)).join("");
}

/** A token for a user, as the back end's operator would sign it. */
export function tokenOf(userId: string, secret: string = SECRET): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(userId)
    .setExpirationTime("5m")
    .sign(new TextEncoder().encode(secret));
}
