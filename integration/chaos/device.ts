import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { DeviceLedger, ReceivedEvent, Stint, UserLedger } from "./ledger.ts";
import type { Random } from "./random.ts";

/** Where a device connects and whom it tells. */
export interface DeviceOptions {
  readonly port: () => number;
  readonly ledger: UserLedger;
  /** The proof of whose device it is. */
  readonly headers: Readonly<Record<string, string>>;
  readonly random: Random;
  /** Without a sign of life for so long, a line is given up. */
  readonly silenceMs: number;
  readonly onEvent: (event: ReceivedEvent) => void;
  readonly onReady: (device: Device, resume: string) => void;
}

interface Ready {
  readonly sessionId: string;
  readonly position: string;
  readonly resume: { readonly status: string; readonly reason?: string };
}

const MAX_BACK_OFF_MS = 300;

/** One device: it writes down what it is told, and comes back to where it was, again and again. */
export class Device {
  readonly name: string;
  readonly #options: DeviceOptions;
  readonly #ledger: DeviceLedger;
  readonly #life: Promise<void>;
  #socket: WebSocket | undefined;
  #position: string | undefined;
  #sessionId = "";
  #isReady = false;
  #isStopped = false;
  /** When it was cut off by the end of a server, until it is served again. */
  downSince: number | undefined;

  constructor(name: string, options: DeviceOptions, after?: string) {
    this.name = name;
    this.#options = options;
    this.#position = after;
    this.#ledger = { name, stints: [] };
    options.ledger.devices.push(this.#ledger);
    this.#life = this.#live();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** What it would hand in to go on. */
  get position(): string | undefined {
    return this.#position;
  }

  /** The session of its last connection. */
  get sessionId(): string {
    return this.#sessionId;
  }

  /** The port that it connected from. */
  get localPort(): number {
    return this.#tcp()?.localPort ?? 0;
  }

  /** Sends a frame; `false` if it can't just now. */
  send(frame: object): boolean {
    if (!this.#isReady) return false;
    this.#socket?.send(JSON.stringify(frame));
    return true;
  }

  /** Cuts the line at this end: with a goodbye of TCP, or with a reset. */
  cut(how: "destroy" | "reset"): boolean {
    const tcp = this.#tcp();
    if (tcp === undefined || !this.#isReady) return false;
    if (how === "destroy") tcp.destroy();
    else tcp.resetAndDestroy();
    return true;
  }

  /** Leaves for good. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#socket?.terminate();
    await this.#life;
  }

  async #live(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped) {
      const wasServed = await this.#connect();
      failures = wasServed ? 0 : failures + 1;
      const mostMs = Math.min(MAX_BACK_OFF_MS, 20 * 2 ** failures);
      await delay(this.#options.random.between(5, mostMs));
    }
  }

  /** Resolves when the connection is over, with whether it ever was one. */
  #connect(): Promise<boolean> {
    const { port, ledger, headers, silenceMs } = this.#options;
    const after = this.#position;
    const query = after === undefined ? "" : `?after=${encodeURIComponent(after)}`;
    const socket = new WebSocket(`ws://127.0.0.1:${port()}/ws${query}`, {
      headers,
      perMessageDeflate: false,
      handshakeTimeout: silenceMs,
    });
    this.#socket = socket;
    let stint: Stint | undefined;
    const silence = setTimeout(() => socket.terminate(), silenceMs);
    socket.on("message", (data: Buffer) => {
      silence.refresh();
      stint = this.#hear(data.toString(), after, stint);
    });
    socket.on("ping", () => silence.refresh());
    socket.on("unexpected-response", (request, response) => {
      ledger.words.push(`${this.name}: refused with HTTP ${response.statusCode}`);
      request.destroy();
    });
    socket.on("error", () => {});
    return new Promise((resolve) => {
      socket.once("close", (code, reason) => {
        clearTimeout(silence);
        this.#isReady = false;
        if (code !== 1006) ledger.words.push(`${this.name}: closed with ${code} ${String(reason)}`);
        resolve(stint !== undefined);
      });
    });
  }

  /** Writes down what came. */
  #hear(text: string, after: string | undefined, stint: Stint | undefined): Stint | undefined {
    const { ledger, onEvent, onReady } = this.#options;
    const frame = JSON.parse(text) as { readonly type: string };
    if (frame.type === "ready") {
      const { sessionId, position, resume } = frame as unknown as Ready;
      const status = [resume.status, resume.reason].filter(Boolean).join(": ");
      const begun: Stint = { after, from: position, resume: status, frames: [] };
      this.#ledger.stints.push(begun);
      this.#position = position;
      this.#sessionId = sessionId;
      this.#isReady = true;
      onReady(this, status);
      return begun;
    }
    if (!("metadata" in frame) || stint === undefined) {
      ledger.words.push(`${this.name}: ${text}`);
      return stint;
    }
    const event = frame as ReceivedEvent;
    this.#position = event.metadata.position;
    stint.frames.push(text);
    onEvent(event);
    return stint;
  }

  /** The TCP socket below: ws has no word for cutting it without a goodbye of its own. */
  #tcp(): Socket | undefined {
    const { _socket } = Object(this.#socket) as { readonly _socket?: Socket | null };
    return _socket ?? undefined;
  }
}
