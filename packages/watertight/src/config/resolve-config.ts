import { resolve } from "node:path";
import { ToolError } from "../errors.ts";
import { isRecord } from "../received.ts";
import type { Credentials, UserIdentity } from "../simulate/simulated-user.ts";
import type {
  AgentConversation,
  CommandTarget,
  ComponentsTarget,
  Config,
} from "./define-config.ts";

/** A config with every default filled in and every path absolute. */
export interface ResolvedConfig {
  readonly target: ResolvedTarget;
  readonly signIn: NonNullable<Config["signIn"]>;
  readonly scenario: Config["scenario"];
  readonly agents: ResolvedAgents | undefined;
  readonly classes: {
    readonly manager: string;
    readonly bridge: string;
    readonly registry: string;
  };
  readonly share: readonly string[];
  readonly keep: readonly string[];
  readonly releaseWithinMs: number;
  readonly patienceMs: number;
  readonly races: { readonly trials: number; readonly replays: number };
  readonly limits: { readonly memoryPerUserBytes: number };
  readonly everything: { readonly seconds: number; readonly operations: number | undefined };
  readonly users: number;
  readonly only: readonly string[];
}

export type ResolvedTarget =
  | (Omit<CommandTarget, "cwd" | "readyTimeoutMs"> & {
      readonly kind: "command";
      readonly cwd: string;
      readonly readyTimeoutMs: number;
    })
  | (ComponentsTarget & { readonly kind: "components"; readonly cwd: string });

export interface ResolvedAgents extends AgentConversation {
  readonly webSocket: string;
  readonly deathWithinMs: number;
}

type Shape = Readonly<Record<string, keyof typeof TYPES>>;

/** What a key may take: how to recognise it, and how to say it. */
const TYPES = Object.freeze({
  string: { says: "a text", is: (value: unknown) => typeof value === "string" && value !== "" },
  positive: {
    says: "a number above 0",
    is: (value: unknown) =>
      Number(value) > 0 && typeof value === "number" && Number.isFinite(value),
  },
  users: {
    says: "a whole number of at least 2",
    is: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 2,
  },
  count: {
    says: "a whole number of at least 1",
    is: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  function: { says: "a function", is: (value: unknown) => typeof value === "function" },
  object: { says: "an object", is: isRecord },
  strings: {
    says: "an array of strings",
    is: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  },
  url: {
    says: "an address such as http://127.0.0.1:3000",
    is: (value: unknown) =>
      typeof value === "string" &&
      /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ""),
  },
});

const CONFIG_KEYS: Shape = Object.freeze({
  target: "object",
  signIn: "function",
  scenario: "function",
  agents: "object",
  classes: "object",
  share: "strings",
  keep: "strings",
  releaseWithinMs: "positive",
  patienceMs: "positive",
  races: "object",
  everything: "object",
  limits: "object",
  users: "users",
  only: "strings",
});
const COMMAND_KEYS: Shape = Object.freeze({
  command: "string",
  cwd: "string",
  env: "object",
  url: "url",
  ready: "string",
  readyTimeoutMs: "positive",
});
const COMPONENTS_KEYS: Shape = Object.freeze({ components: "string", env: "object" });
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
  if ((agents === undefined) === (config.scenario === undefined) && target.kind === "command") {
    throw invalid(
      "one of `agents` or `scenario`, so that there is something for users to do",
      agents === undefined ? "neither" : "both",
      "give one of them; docs/configuration.md has an example of each",
    );
  }
  return Object.freeze({
    target,
    signIn: config.signIn ?? (target.kind === "components" ? signInToHost : () => ({})),
    scenario: config.scenario,
    agents: agents ?? (target.kind === "components" ? HOSTED_AGENTS : undefined),
    classes: {
      manager: config.classes?.manager ?? "WebSocketManager",
      bridge: config.classes?.bridge ?? "AgentWebSocketBridge",
      registry: config.classes?.registry ?? "AgentExecutionRegistry",
    },
    share: config.share ?? [],
    keep: config.keep ?? [],
    releaseWithinMs: config.releaseWithinMs ?? 5000,
    patienceMs: config.patienceMs ?? (target.kind === "components" ? 3000 : 10_000),
    races: { trials: config.races?.trials ?? 3, replays: config.races?.replays ?? 5 },
    limits: { memoryPerUserBytes: config.limits?.memoryPerUserBytes ?? MEMORY_PER_USER_BYTES },
    everything: {
      seconds: config.everything?.seconds ?? 10,
      operations: config.everything?.operations,
    },
    users: config.users ?? 50,
    only: config.only ?? [],
  });
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

function resolveTarget(value: unknown, folder: string): ResolvedTarget {
  if (isRecord(value) && "components" in value) {
    const target = checkObject(value, COMPONENTS_KEYS, "target") as unknown as ComponentsTarget;
    const components = resolve(folder, target.components);
    return Object.freeze({ ...target, kind: "components", components, cwd: folder });
  }
  const target = checkObject(value, COMMAND_KEYS, "target") as unknown as CommandTarget;
  if (target.command === undefined) {
    throw invalid("`target.command` or `target.components`", "neither", "say what to start");
  }
  const cwd = resolve(folder, target.cwd ?? ".");
  return Object.freeze({ readyTimeoutMs: 15_000, ...target, kind: "command", cwd });
}

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

function checkObject(
  value: unknown,
  shape: Shape,
  place: string,
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    throw invalid(`\`${place}\` to be an object`, describe(value), "see docs/configuration.md");
  }
  for (const [key, entry] of Object.entries(value)) {
    const type = shape[key];
    if (type === undefined) throw unknownKey(key, shape, place);
    if (entry !== undefined && !TYPES[type].is(entry)) {
      const wanted = `\`${place}.${key}\` to be ${TYPES[type].says}`;
      throw invalid(wanted, describe(entry), "correct the config");
    }
  }
  return value;
}

function unknownKey(key: string, shape: Shape, place: string): ToolError {
  const known = Object.keys(shape);
  const near = known.find((candidate) => distance(candidate.toLowerCase(), key.toLowerCase()) <= 2);
  return invalid(
    `\`${place}\` to have only the keys ${known.join(", ")}`,
    `\`${key}\``,
    near === undefined ? "remove it" : `did you mean \`${near}\`?`,
  );
}

function invalid(expected: string, found: string, advice: string): ToolError {
  return new ToolError("WT_CONFIG_INVALID", `Expected ${expected}, got ${found}: ${advice}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isRecord(value)) return "an object";
  return typeof value === "function" ? "a function" : `${JSON.stringify(value)} (${typeof value})`;
}

/** Levenshtein's distance: how many letters to insert, remove or change. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const change = from[line - 1] === to[column - 1] ? 0 : 1;
      const substituted = (row[column - 1] ?? 0) + change;
      next.push(Math.min(substituted, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
