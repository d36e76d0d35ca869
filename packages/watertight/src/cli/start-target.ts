import type { ResolvedConfig } from "../config/resolve-config.ts";
import type { ResolvedTarget, ResolvedUrl } from "../config/resolve-target.ts";
import type { LiveTarget } from "../suite/bench.ts";
import { Sinks } from "../sinks/sinks.ts";
import { Beside } from "../target/beside.ts";
import { chooseAddress, hostCommand } from "../target/command-plan.ts";
import { fillIn, type Places } from "../target/fill-in.ts";
import { RemoteTarget } from "../target/remote-target.ts";
import { TargetProcess, type TargetProcessOptions } from "../target/target-process.ts";

/** What the process of the suite adds to a target's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A target that is ready, whoever has started it. */
export interface StartedTarget extends LiveTarget {
  readonly command: string;
  /** What it said of errors that nobody handled, a sentence for each kind. */
  readonly complaints: readonly string[];
  /** Calls a listener with what it prints; missing where that can't be seen. */
  readonly onPrint?: (listener: (stream: string, text: string) => void) => void;
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  readonly config: ResolvedConfig;
  /** The base of the environment of what is started. */
  readonly environment: Environment;
  /** Addresses that the config's `env` may name. */
  readonly places: Places;
  /** What the target can't do without, if the run is to end with it. */
  readonly needs?: Beside;
  /** Learns each process group before anything can go wrong. */
  readonly onStarted: (pid: number) => void;
}

/** Starts the sinks of a config; somebody else's server can't be told where they are, and gets none. */
export async function startSinks({ target, sinks }: ResolvedConfig): Promise<Sinks> {
  return Sinks.start(target.kind === "url" ? [] : sinks);
}

/** Starts what a config describes beside its target. */
export async function startBeside({ config, ...setting }: StartOptions): Promise<Beside> {
  const { target } = config;
  return Beside.start(target.kind === "command" ? target.beside : [], setting);
}

/** Starts the target that a config describes, or finds the one that somebody else has started. */
export async function startTarget(options: StartOptions): Promise<StartedTarget> {
  const { target } = options.config;
  if (target.kind === "url") return RemoteTarget.find(target);
  return TargetProcess.start(await planTarget(target, options), options.onStarted);
}

async function planTarget(
  target: Exclude<ResolvedTarget, ResolvedUrl>,
  { environment, places, needs }: StartOptions,
): Promise<TargetProcessOptions> {
  const { baseUrl, port } = await chooseAddress(target.kind === "command" ? target : {});
  const own = fillIn(target.env ?? {}, places);
  const env = {
    ...environment,
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...own,
    // The probe comes in by the same variable: what the config says there is added.
    ...joinNodeOptions(environment, own),
  };
  if (target.kind === "components") {
    const command = hostCommand(target.components);
    return { command, cwd: target.cwd, env, baseUrl, readyTimeoutMs: 15_000 };
  }
  const { command, cwd, ready, readyTimeoutMs } = target;
  return { command, cwd, env, baseUrl, readyTimeoutMs, ready, needs };
}

function joinNodeOptions(...environments: readonly Environment[]): Environment {
  const options = environments.map(({ NODE_OPTIONS }) => NODE_OPTIONS).filter(Boolean);
  return options.length === 0 ? {} : { NODE_OPTIONS: options.join(" ") };
}
