import type { Credentials, UserIdentity } from "../simulate/simulated-user.ts";
import type { AgentConversation, Config, Step } from "./define-config.ts";
import type { SinkOptions } from "../sinks/sinks.ts";
import { resolveSinks } from "./resolve-sinks.ts";
import { type ResolvedTarget, resolveTarget } from "./resolve-target.ts";
import { checkObject, invalid, type Shape } from "./shape.ts";

/** A config with every default filled in and every path absolute. */
export interface ResolvedConfig {
  readonly target: ResolvedTarget;
  readonly signIn: NonNullable<Config["signIn"]>;
  readonly scenario: Step | undefined;
  /** What the scenario consists of; none if there are agents. */
  readonly steps: readonly Step[];
  readonly agents: ResolvedAgents | undefined;
  readonly classes: {
    readonly manager: string;
    readonly bridge: string;
    readonly registry: string;
  };
  readonly share: readonly string[];
  /** Whether the config says how users sign in. */
  readonly signsIn: boolean;
  readonly public: readonly string[];
  readonly keep: readonly string[];
  readonly releaseWithinMs: number;
  readonly patienceMs: number;
  readonly sinks: readonly SinkOptions[];
  readonly scansLogs: boolean;
  /** How often each schedule of a scenario is played, each time in another order. */
  readonly passes: number;
  readonly races: { readonly trials: number; readonly replays: number };
  readonly limits: { readonly memoryPerUserBytes: number };
  readonly everything: { readonly seconds: number; readonly operations: number | undefined };
  readonly users: number;
  readonly only: readonly string[];
}

export interface ResolvedAgents extends AgentConversation {
  readonly webSocket: string;
  readonly deathWithinMs: number;
}

const CONFIG_KEYS: Shape = Object.freeze({
  target: "object",
  signIn: "function",
  scenario: "scenario",
  agents: "object",
  classes: "object",
  share: "strings",
  public: "strings",
  keep: "strings",
  releaseWithinMs: "positive",
  patienceMs: "positive",
  sinks: "object",
  logs: "ignore",
  races: "object",
  everything: "object",
  limits: "object",
  thorough: "boolean",
  users: "users",
  only: "strings",
});
const AGENTS_KEYS: Shape = Object.freeze({
  webSocket: "string",
  answers: "object",
  slow: "object",
  dies: "object",
  deathWithinMs: "positive",
});
const CALL_KEYS: Shape = Object.freeze({
  agent: "string",
  prompt: "string",
  forwardedProps: "object",
});
const CLASS_KEYS: Shape = Object.freeze({
  manager: "string",
  bridge: "string",
  registry: "string",
});

const EVERYTHING_KEYS: Shape = Object.freeze({ seconds: "positive", operations: "count" });
const RACE_KEYS: Shape = Object.freeze({ trials: "count", replays: "count" });

const LIMIT_KEYS: Shape = Object.freeze({ memoryPerUserBytes: "count" });
const MEMORY_PER_USER_BYTES = 1024 * 1024;

/**
 * Checks a config as it came from its file and fills in the defaults. Throws WT_CONFIG_INVALID that
 * names the key, what was expected there, and the nearest key that exists.
 */
export function resolveConfig(value: unknown, folder: string): ResolvedConfig {
  const config = checkObject(value, CONFIG_KEYS, "config") as unknown as Config;
  const target = resolveTarget(config.target, folder);
  const agents = config.agents === undefined ? undefined : resolveAgents(config.agents);
  checkObject(config.classes ?? {}, CLASS_KEYS, "classes");
  checkObject(config.limits ?? {}, LIMIT_KEYS, "limits");
  checkObject(config.races ?? {}, RACE_KEYS, "races");
  checkObject(config.everything ?? {}, EVERYTHING_KEYS, "everything");
  if (config.scenario !== undefined && target.kind === "components") {
    throw invalid(
      "no `scenario` for a module of components: the host brings agents of its own",
      "one",
      "remove it, or give a command that starts a server",
    );
  }
  if ((agents === undefined) === (config.scenario === undefined) && target.kind !== "components") {
    throw invalid(
      "one of `agents` or `scenario`, so that there is something for users to do",
      agents === undefined ? "neither" : "both",
      "give one of them; docs/configuration.md has an example of each",
    );
  }
  const steps = Object.freeze([config.scenario ?? []].flat());
  const extent = extentOf(config);
  return Object.freeze({
    target,
    signIn: config.signIn ?? (target.kind === "components" ? signInToHost : () => ({})),
    scenario: config.scenario === undefined ? undefined : inSteps(steps),
    steps,
    agents: agents ?? (target.kind === "components" ? HOSTED_AGENTS : undefined),
    classes: {
      manager: config.classes?.manager ?? "WebSocketManager",
      bridge: config.classes?.bridge ?? "AgentWebSocketBridge",
      registry: config.classes?.registry ?? "AgentExecutionRegistry",
    },
    share: config.share ?? [],
    signsIn: config.signIn !== undefined || target.kind === "components",
    public: config.public ?? [],
    keep: config.keep ?? [],
    releaseWithinMs: config.releaseWithinMs ?? 5000,
    patienceMs: config.patienceMs ?? (target.kind === "components" ? 3000 : 10_000),
    sinks: resolveSinks(config.sinks ?? {}, target),
    scansLogs: config.logs !== "ignore",
    races: { trials: config.races?.trials ?? extent.trials, replays: config.races?.replays ?? 5 },
    passes: extent.passes,
    limits: { memoryPerUserBytes: config.limits?.memoryPerUserBytes ?? MEMORY_PER_USER_BYTES },
    everything: {
      seconds: config.everything?.seconds ?? extent.seconds,
      operations: config.everything?.operations,
    },
    users: config.users ?? 50,
    only: config.only ?? [],
  });
}

/** How much of everything there is: people wait for a scenario's check, and don't for a thorough one. */
function extentOf({ thorough = false, scenario }: Config): Extent {
  if (thorough) return { passes: 3, trials: 8, seconds: 30 };
  if (scenario !== undefined) return { passes: 1, trials: 2, seconds: 5 };
  return { passes: 1, trials: 3, seconds: 10 };
}

interface Extent {
  readonly passes: number;
  readonly trials: number;
  readonly seconds: number;
}

/** Steps are taken one after another; what one finds out, the next one knows by the user it is given. */
export function inSteps(steps: readonly Step[]): Step {
  return async (user) => {
    for (const step of steps) await step(user);
  };
}

/** The host of a components target believes what its header says: it serves nobody but the suite. */
function signInToHost({ id }: UserIdentity): Credentials {
  return { headers: { "x-watertight-user": id } };
}

/** The agents that the host of a components target brings along. */
const HOSTED_AGENTS: ResolvedAgents = Object.freeze({
  webSocket: "/ws",
  answers: { agent: "echo" },
  slow: { agent: "slow" },
  dies: { agent: "dying" },
  deathWithinMs: 2000,
});

function resolveAgents(value: AgentConversation): ResolvedAgents {
  checkObject(value, AGENTS_KEYS, "agents");
  if (value.answers === undefined) {
    throw invalid(
      "`agents.answers`: an agent that repeats the user's words",
      "nothing",
      "name one, it is the control signal of every check",
    );
  }
  for (const key of ["answers", "slow", "dies"] as const) {
    const call = value[key];
    if (call === undefined) continue;
    checkObject(call, CALL_KEYS, `agents.${key}`);
    if (call.agent === undefined) {
      throw invalid(`\`agents.${key}.agent\``, "nothing", "name the agent to ask");
    }
  }
  return Object.freeze({ webSocket: "/ws", deathWithinMs: 5000, ...value });
}
