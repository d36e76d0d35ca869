import type { Socket } from "node:net";
import { createDeferred, type Deferred } from "../../internal/deferred.ts";
import { ToolError } from "../../errors.ts";
import type { DelayCoverage } from "../delays/delayer.ts";
import type { CpuReading, HeldBuffer, ProbeAnswer, ProbeHello } from "./messages.ts";

const ANSWER_TIMEOUT_MS = 120_000;

/** A Node process of the target that answers questions about its memory. */
export class ProbedProcess {
  readonly pid: number;
  /** The version of Node, for example `v20.19.0`. */
  readonly node: string;
  /** One of several that share a port. */
  readonly isWorker: boolean;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Deferred<unknown>>();
  #questions = 0;

  constructor(socket: Socket, { pid, node, isWorker }: ProbeHello["hello"]) {
    this.#socket = socket;
    this.pid = pid;
    this.node = node;
    this.isWorker = isWorker;
    socket.once("close", () => {
      for (const waiting of this.#waiting.values()) waiting.reject(this.#failure("it ended"));
    });
  }

  /** Says whether it listens on a port. */
  async isListening(): Promise<boolean> {
    return (await this.#ask({ ask: "listening" })) === true;
  }

  /** Writes a snapshot of the heap, after forced collection, to `file`. The process stands still meanwhile. */
  async heap(file: string): Promise<void> {
    await this.#ask({ ask: "heap", file });
  }

  /**
   * The same, and answers which buffers held canaries at that moment; `undefined` if the process has no
   * inspector to ask. The engine then numbers all objects anew: an earlier snapshot can't be compared
   * with a later one any more.
   */
  async heapAndBuffers(file: string): Promise<readonly HeldBuffer[] | undefined> {
    const { buffers } = (await this.#ask({ ask: "heap and buffers", file })) as {
      readonly buffers?: readonly HeldBuffer[];
    };
    return buffers;
  }

  /** What it has worked since it began. */
  async cpu(): Promise<CpuReading> {
    return (await this.#ask({ ask: "cpu" })) as CpuReading;
  }

  /** Memory in use after forced collection, in bytes; `code` is the part of `heapUsed` that is compiled code. */
  async memory(): Promise<NodeJS.MemoryUsage & { readonly code: number }> {
    return (await this.#ask({ ask: "memory" })) as NodeJS.MemoryUsage & { readonly code: number };
  }

  /** What keeps the process's event loop alive after forced collection: names of resources, as Node calls them. */
  async resources(): Promise<readonly string[]> {
    return (await this.#ask({ ask: "resources" })) as readonly string[];
  }

  /** How much of the application waits where it is told to; `undefined` if the process is not delayed. */
  async delays(): Promise<DelayCoverage | undefined> {
    return (await this.#ask({ ask: "delays" })) as DelayCoverage | undefined;
  }

  /** @internal An answer has arrived. */
  receive(answer: ProbeAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if ("error" in answer) waiting?.reject(this.#failure(answer.error));
    else waiting?.resolve(answer.value);
  }

  async #ask(question: { readonly ask: string; readonly file?: string }): Promise<unknown> {
    if (this.#socket.destroyed) throw this.#failure("it ended");
    this.#questions += 1;
    const id = this.#questions;
    const answer = createDeferred<unknown>();
    this.#waiting.set(id, answer);
    this.#socket.write(`${JSON.stringify({ id, ...question })}\n`);
    const timer = setTimeout(
      () => answer.reject(this.#failure(`no answer within ${ANSWER_TIMEOUT_MS} ms`)),
      ANSWER_TIMEOUT_MS,
    );
    return answer.promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
  }

  #failure(found: string): ToolError {
    return new ToolError(
      "WT_PROBE_FAILED",
      `Expected process ${this.pid} of the target to answer a question about its memory, but ${found}. Run with --only 1,2 to do without.`,
    );
  }
}
