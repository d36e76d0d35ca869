import type { ResolvedConfig } from "../config/resolve-config.ts";
import { chooseAddress, hostCommand } from "../target/command-plan.ts";
import { TargetProcess, type TargetProcessOptions } from "../target/target-process.ts";

/** What the process of the suite adds to a target's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Starts the target that a config describes, with `environment` as the base of its own. */
export async function startTarget(
  config: ResolvedConfig,
  environment: Environment,
  onStarted: (pid: number) => void,
): Promise<TargetProcess> {
  const options = await planTarget(config, environment);
  return TargetProcess.start(options, onStarted);
}

async function planTarget(
  { target }: ResolvedConfig,
  environment: Environment,
): Promise<TargetProcessOptions> {
  const url = target.kind === "command" ? target.url : undefined;
  const { baseUrl, port } = await chooseAddress(url);
  const env = {
    ...environment,
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...target.env,
    // The probe comes in by the same variable: what the config says there is added.
    ...joinNodeOptions(environment, target.env ?? {}),
  };
  if (target.kind === "components") {
    const command = hostCommand(target.components);
    return { command, cwd: target.cwd, env, baseUrl, readyTimeoutMs: 15_000 };
  }
  const { command, cwd, ready, readyTimeoutMs } = target;
  return { command, cwd, env, baseUrl, readyTimeoutMs, ...(ready === undefined ? {} : { ready }) };
}

function joinNodeOptions(...environments: readonly Environment[]): Environment {
  const options = environments.map(({ NODE_OPTIONS }) => NODE_OPTIONS).filter(Boolean);
  return options.length === 0 ? {} : { NODE_OPTIONS: options.join(" ") };
}
