import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { SignIn } from "../simulate/concurrent-user-simulator.ts";
import type { SinkAnswer, SinkAnswerer } from "../sinks/answer.ts";
import type { SinkKind } from "../sinks/sink.ts";
import type { Ready } from "../target/readiness.ts";

/** A server that the suite starts, drives and stops. */
export interface CommandTarget {
  /** The command line, run without a shell; words in double quotes stay together. */
  readonly command: string;
  /** Where to run it. Default: the folder of the config file. */
  readonly cwd?: string;
  /**
   * Added to the environment. `PORT` is set to a free port unless `url` names one, and to 0 if `ready` reads
   * the port from what the server prints. `{name.url}`, `{name.host}` and `{name.port}` become the address of
   * what runs beside it under that name.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** The server's own address, if it can't take its port from `PORT`: `http://127.0.0.1:3000`. */
  readonly url?: string;
  /**
   * When the server is ready: a path that answers 2xx (`"/healthz"`, `{ path: "/healthz" }`), a port that
   * takes connections (`{ port: true }`), or a line that it prints (`{ line: /listening on (?<port>\d+)/ }`):
   * of an expression the groups `port` and `url` say where it listens. Default: any answer to `/` will do.
   */
  readonly ready?: Ready;
  /** How long the server may take to become ready. Default: 15,000. */
  readonly readyTimeoutMs?: number;
  /** What to start before the server, in order, each when the one before it is ready; stopped after it. */
  readonly beside?: readonly BesideCommand[];
}

/** Something that the server needs: a database, another server. */
export interface BesideCommand {
  /** By this name its address stands in the `env` of what is started later: `{name.port}`. */
  readonly name?: string;
  /** The command line, run without a shell. */
  readonly command: string;
  /** Default: the folder of the config file. */
  readonly cwd?: string;
  /** As for the server; placeholders name what is started before it. */
  readonly env?: Readonly<Record<string, string>>;
  /** The port that it listens on, if it can't take one from `PORT`. */
  readonly port?: number;
  /** As for the server. Default: `{ port: true }`. */
  readonly ready?: Ready;
  /** Default: 15,000. */
  readonly readyTimeoutMs?: number;
}

/** A server that somebody else has started. Its process can't be looked into. */
export interface UrlTarget {
  /** Where it answers. */
  readonly url: string;
  /** A path or a port. Default: any answer to `/` will do. */
  readonly ready?: Ready;
  /** How long to wait for it. Default: 5,000. */
  readonly readyTimeoutMs?: number;
}

/** A module with the factories (or `get…()` accessors) of the three components. */
export interface ComponentsTarget {
  /** Path of the module, from the folder of the config file. */
  readonly components: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How to ask one agent of the back end for something. */
export interface AgentCall {
  readonly agent: string;
  /** The user's words; `{canary}` is replaced by the user's secret. Default: `Remember {canary}`. */
  readonly prompt?: string;
  readonly forwardedProps?: Readonly<Record<string, unknown>>;
}

/** An agent back end that speaks AG-UI events over WebSocket: what the suite asks of it. */
export interface AgentConversation {
  /** Path of the WebSocket. Default: `/ws`. */
  readonly webSocket?: string;
  /** An agent that repeats the user's words in its answer. */
  readonly answers: AgentCall;
  /** An agent that takes a second or more; for overlaps, cancels and disconnects. */
  readonly slow?: AgentCall;
  /** An agent that stops making progress for ever. */
  readonly dies?: AgentCall;
  /** Within this time the owner of a dead agent must know. Default: 5,000. */
  readonly deathWithinMs?: number;
}

/** Class names of the three components, to be found in the process. */
export interface ComponentClasses {
  readonly manager?: string;
  readonly bridge?: string;
  readonly registry?: string;
}

/** How category 5 looks for races: each trial is a fresh process with delays of its own. */
export interface RaceSettings {
  /** Seeds to try for each check. Default: 3. */
  readonly trials?: number;
  /** How often a failing trial is repeated to tell its rate, and as often with users one after another. Default: 5. */
  readonly replays?: number;
}

/** What a server may use; see category 6. */
export interface Limits {
  /** Memory of the process for each connected user, in bytes. Default: 1 MB (1,048,576). */
  readonly memoryPerUserBytes?: number;
}

/** How long category 7 goes on: for a time, and no further than a number of operations. */
export interface EverythingSettings {
  /** Default: 10. */
  readonly seconds?: number;
  /** Default: no limit. */
  readonly operations?: number;
}

/** A server that records what the target sends elsewhere, on a free port of this machine. */
export interface SinkConfig {
  /** `http` and `proxy` are asked and answer, `smtp` takes mails, `tcp` takes bytes and says nothing. */
  readonly kind: SinkKind;
  /** Added to the target's environment; `{url}`, `{host}` and `{port}` become the sink's. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What an `http` or `proxy` sink answers. Default: status 200 and `{}`. A function makes a stand-in for the
   * server that the target talks to; it runs in the suite's process.
   */
  readonly answer?: SinkAnswer | SinkAnswerer;
  /** A message, or a connection of `tcp`, carries several users by design. Default: false; `tcp` must say. */
  readonly batches?: boolean;
  /** A `proxy` fetches what it is asked for from where it is. Default: false. */
  readonly forward?: boolean;
}

/** A part of what a user does. */
export type Step = (user: SimulatedUser) => Promise<void>;

/** What `watertight check` needs to know of a back end. */
export interface Config {
  readonly target: CommandTarget | UrlTarget | ComponentsTarget;
  /**
   * Signs a user in; the headers that it answers go with every request and socket of the user, and so do
   * cookies that the user was given meanwhile (`await user.fetch("/login", { form: … })`). Default: none.
   */
  readonly signIn?: SignIn;
  /** What a user of any server does, written as if there were one user: a function, or steps, one after another. */
  readonly scenario?: Step | readonly Step[];
  /** What to ask of an agent back end. Give either this or `scenario`. */
  readonly agents?: AgentConversation;
  /** Default: WebSocketManager, AgentWebSocketBridge, AgentExecutionRegistry. */
  readonly classes?: ComponentClasses;
  /** Paths, by their beginning, that answer everybody alike: ids in them are not tried by others. */
  readonly public?: readonly string[];
  /** Labels of canaries that users share on purpose; the report lists those that were seen. */
  readonly share?: readonly string[];
  /** Labels of canaries that the server keeps on purpose after a user left. */
  readonly keep?: readonly string[];
  /** How long after the last user left the server may take to let go of them. Default: 5,000. */
  readonly releaseWithinMs?: number;
  /**
   * When nobody has received anything for this long, whoever still waits gives up. More than the
   * longest silence of a healthy server. Default: 10,000.
   */
  readonly patienceMs?: number;
  /** Where the target sends mail and calls other servers, by name. */
  readonly sinks?: Readonly<Record<string, SinkConfig>>;
  /** What the target prints is looked through for secrets of users, unless this says `"ignore"`. */
  readonly logs?: "ignore";
  /** How races are looked for. */
  readonly races?: RaceSettings;
  /** What the server may use. */
  readonly limits?: Limits;
  /** How long category 7 goes on. */
  readonly everything?: EverythingSettings;
  /**
   * Every schedule three times, eight seeds of delays, and everything at once for half a minute. Default: false,
   * which for a scenario is meant to be over within a minute.
   */
  readonly thorough?: boolean;
  /** How many users. Default: 50. */
  readonly users?: number;
  /** Checks or categories to make, for example `["1", "2.1"]`. Default: all. */
  readonly only?: readonly string[];
}

/** Gives a config its type; answers it unchanged. */
export function defineConfig(config: Config): Config {
  return config;
}
