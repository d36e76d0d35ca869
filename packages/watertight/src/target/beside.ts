import { ToolError } from "../errors.ts";
import { chooseAddress } from "./command-plan.ts";
import { fillIn, type Place, type Places } from "./fill-in.ts";
import { lastOutput } from "./last-output.ts";
import { placeOf } from "./port.ts";
import type { Ready } from "./readiness.ts";
import { TargetProcess } from "./target-process.ts";

/** Something that a server needs. */
export interface BesideOptions {
  /** Where the config describes it: `target.beside[0]`. */
  readonly key: string;
  readonly name?: string;
  readonly command: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its own fixed port; else it is told one. */
  readonly port?: number;
  readonly ready: Ready;
  readonly readyTimeoutMs: number;
}

/** What all of them get, and who learns of them. */
export interface BesideSetting {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Addresses of what runs already. */
  readonly places: Places;
  /** Learns each process group before anything can go wrong. */
  readonly onStarted: (pid: number) => void;
}

/** What runs beside a server, for as long as the suite does. */
export class Beside implements AsyncDisposable {
  readonly #running: { readonly what: string; readonly process: TargetProcess }[] = [];
  readonly #places: Map<string, Place>;

  private constructor(places: Places) {
    this.#places = new Map(places);
  }

  /**
   * Starts commands in order, each when the one before it is ready. Throws as `TargetProcess.start` does, and
   * WT_PORT_TAKEN; what had been started is stopped by then.
   */
  static async start(all: readonly BesideOptions[], setting: BesideSetting): Promise<Beside> {
    const beside = new Beside(setting.places);
    try {
      for (const options of all) await beside.#start(options, setting);
      return beside;
    } catch (error) {
      const crash = beside.crash();
      await beside.stop();
      throw crash ?? error;
    }
  }

  /** The addresses of all that have a name, and those that there were before. */
  get places(): Places {
    return this.#places;
  }

  /** WT_TARGET_CRASHED, with the name, if one of them has ended by itself. */
  crash(): ToolError | undefined {
    const dead = this.#running.find(({ process }) => process.death !== undefined);
    if (dead === undefined) return undefined;
    const { what, process } = dead;
    return new ToolError(
      "WT_TARGET_CRASHED",
      `Expected ${what}, which runs beside the target, to live until the last check, but it ended with ${process.death}. Fix that first: what a server does without it says nothing.${lastOutput(process.output)}`,
    );
  }

  /** Stops them, the last first. Idempotent. */
  async stop(): Promise<void> {
    for (const { process } of this.#running.toReversed()) await process.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(options: BesideOptions, setting: BesideSetting): Promise<void> {
    const { key, name, command, cwd, env, ready, readyTimeoutMs } = options;
    const what = name === undefined ? `\`${command}\`` : `\`${name}\` (\`${command}\`)`;
    const { baseUrl, port } = await chooseAddress({
      url: options.port === undefined ? undefined : `http://127.0.0.1:${options.port}`,
      ready,
      what,
      option: `${key}.port`,
    });
    const process = await TargetProcess.start(
      {
        key,
        command,
        cwd,
        baseUrl,
        ready,
        readyTimeoutMs,
        env: {
          ...setting.environment,
          ...(port === undefined ? {} : { PORT: String(port) }),
          ...fillIn(env ?? {}, this.#places),
        },
      },
      setting.onStarted,
    );
    this.#running.push({ what, process });
    if (name !== undefined) this.#places.set(name, placeOf(process.baseUrl));
  }
}
