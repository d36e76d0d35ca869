import { ToolError } from "../errors.ts";
import { wait } from "../internal/wait.ts";
import { Output } from "./output.ts";
import { isPortTaken, placeOf } from "./port.ts";
import { type Ready, untilReady, watchFor } from "./readiness.ts";

/** Where somebody else's server is, and how it shows that it can be asked. */
export interface RemoteTargetOptions {
  readonly url: string;
  /** A path or a port; default: any answer to `/` will do. */
  readonly ready?: Ready | undefined;
  readonly readyTimeoutMs: number;
}

/** A server that is busy takes a connection a moment later. */
const ATTEMPTS = 4;
const PAUSE_MS = 500;

/** A server that somebody else has started: it can be asked, and nothing else is known of it. */
export class RemoteTarget {
  readonly baseUrl: string;
  readonly command: string;
  /** Its process is not ours: nobody knows how it ended. */
  readonly death: undefined;
  readonly output = "";
  readonly complaints: readonly string[] = Object.freeze([]);

  private constructor(url: string) {
    this.baseUrl = url;
    this.command = `(somebody else's, at ${url})`;
  }

  /** Resolves when it is ready. Throws WT_TARGET_NOT_READY after `readyTimeoutMs`. */
  static async find({ url, ready, readyTimeoutMs }: RemoteTargetOptions): Promise<RemoteTarget> {
    using readiness = watchFor({ ready, baseUrl: url, output: new Output() }, "target");
    const last = await untilReady(readiness, {
      timeoutMs: readyTimeoutMs,
      ended: new Promise(() => {}),
    });
    if ("baseUrl" in last) return new RemoteTarget(url);
    throw new ToolError(
      "WT_TARGET_NOT_READY",
      `Expected a server that somebody else has started to ${readiness.deed} within ${readyTimeoutMs} ms, got ${last.found}. Start it first, correct the address, or give target.command, so that it is started for you.`,
    );
  }

  /** Why nothing more can be asked of it; `undefined` while it takes connections. */
  async lost(): Promise<ToolError | undefined> {
    const place = placeOf(this.baseUrl);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempt > 0) await wait(PAUSE_MS);
      if (await isPortTaken(place)) return undefined;
    }
    return new ToolError(
      "WT_TARGET_CRASHED",
      `Expected ${this.baseUrl} to be there until the last check, but it takes no connections any more. It was started by somebody else, so nobody here knows why: look at what it printed.`,
    );
  }

  /** It goes on: who started it will stop it. */
  async stop(): Promise<void> {}
}
