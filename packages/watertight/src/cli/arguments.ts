import { parseArgs } from "node:util";
import { formatDuration, readDuration } from "./duration.ts";
import type { ExplainArguments } from "./explain-command.ts";
import type { InitArguments } from "./init-command.ts";
import { type OutputArguments, readOutput } from "./report-arguments.ts";
import { usage } from "./usage.ts";

/** What every command that plays against a target was told. */
export interface RunArguments extends OutputArguments {
  readonly target: string;
  /** Where a server answers that somebody else has started; nothing is started then. */
  readonly url: string | undefined;
  readonly users: number | undefined;
  readonly seed: number | undefined;
}

/** What `watertight check` was asked to do. */
export interface CheckArguments extends RunArguments {
  readonly only: readonly string[];
  /** Longer, and more of everything; `undefined` leaves it to the config. */
  readonly thorough: boolean | undefined;
}

/** What `watertight soak` was asked to do. */
export interface SoakArguments extends RunArguments {
  readonly forMs: number;
  readonly windowMs: number;
  /** A port of 127.0.0.1, 0 for one that is free; `undefined` to serve no metrics. */
  readonly metricsPort: number | undefined;
}

/** A command line, understood. */
export type Command =
  | { readonly name: "check"; readonly arguments: CheckArguments }
  | { readonly name: "soak"; readonly arguments: SoakArguments }
  | { readonly name: "init"; readonly arguments: InitArguments }
  | { readonly name: "explain"; readonly arguments: ExplainArguments }
  | { readonly name: "help"; readonly topic: string | undefined }
  | { readonly name: "version" };

const MAX_USERS = 10_000;
const MAX_SEED = 4_294_967_295;
const MAX_PORT = 65_535;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
/** Fewer windows than this in a soak would make it much longer than it was asked to be. */
const LEAST_IN_SOAK = 4;
/** However long a soak is, it has no more windows than somebody reads lines, unless told so. */
const MAX_LINES = 480;

/** Reads the words after `watertight`. Throws WT_USAGE with what was expected. */
export function readCommand(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  const [name, target = ".", ...rest] = positionals;
  if (values.help === true || name === "help") {
    return { name: "help", topic: name === "help" ? positionals[1] : name };
  }
  if (values.version === true) return { name: "version" };
  if (name === undefined) return { name: "help", topic: undefined };
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (read === undefined) {
    throw usage(`one of the commands ${Object.keys(READERS).join(", ")}, got \`${name}\``);
  }
  if (rest.length > 0)
    throw usage(`one target, got ${rest.length + 1}: ${[target, ...rest].join(" ")}`);
  return read(target, values);
}

type Values = ReturnType<typeof parse>["values"];

/** How each command reads its target and options. */
const READERS: Readonly<Record<string, (target: string, values: Values) => Command>> =
  Object.freeze({ init: readInit, check: readCheck, explain: readExplain, soak: readSoak });

function readInit(folder: string, values: Values): Command {
  const { force = false, ...others } = values;
  refuseOthers(others, namesOf(others), "check or soak");
  return { name: "init", arguments: { folder, force } };
}

function readExplain(subject: string, values: Values): Command {
  const { report: [report = ".watertight/report.json", ...more] = [], ...others } = values;
  refuseOthers(others, namesOf(others), "check or soak");
  if (subject === "." || more.length > 0) {
    throw usage("one kind or id of a finding after explain, and one file after --report");
  }
  return { name: "explain", arguments: { subject, report } };
}

function readCheck(target: string, values: Values): Command {
  refuseOthers(values, ["force"], "init");
  refuseOthers(values, ["for", "window", "metrics-port"], "soak");
  const only = values.only?.split(",").filter((id) => id !== "") ?? [];
  const { thorough } = values;
  return { name: "check", arguments: { ...readRun(target, values), only, thorough } };
}

function readSoak(target: string, values: Values): Command {
  refuseOthers(values, ["force"], "init");
  refuseOthers(values, ["only", "thorough"], "check");
  const forMs = readDuration("--for", values.for ?? "1h", { least: 4 * SECOND, most: 90 * DAY });
  return {
    name: "soak",
    arguments: {
      ...readRun(target, values),
      forMs,
      windowMs: values.window === undefined ? usualWindow(forMs) : readWindow(values.window, forMs),
      metricsPort: readNumber("--metrics-port", values["metrics-port"], 0, MAX_PORT),
    },
  };
}

function readRun(target: string, values: Values): RunArguments {
  return {
    target,
    url: readUrl(values.url),
    users: readNumber("--users", values.users, 2, MAX_USERS),
    seed: readNumber("--seed", values.seed, 0, MAX_SEED),
    ...readOutput(values),
  };
}

/** Whole seconds: a minute, less in a short soak, and more in a very long one. */
function usualWindow(forMs: number): number {
  const wanted = Math.max(
    forMs / MAX_LINES,
    Math.min(60 * SECOND, Math.max(5 * SECOND, forMs / 60)),
  );
  return Math.floor(Math.min(wanted, forMs / LEAST_IN_SOAK) / SECOND) * SECOND;
}

function readWindow(text: string, forMs: number): number {
  const windowMs = readDuration("--window", text, { least: SECOND, most: DAY });
  if (windowMs * LEAST_IN_SOAK <= forMs) return windowMs;
  const most = formatDuration(Math.floor(forMs / LEAST_IN_SOAK / SECOND) * SECOND);
  throw usage(`--window to be at most a quarter of --for, which is ${most}, got \`${text}\``);
}

function namesOf(values: Partial<Values>): readonly (keyof Values)[] {
  return Object.keys(values) as (keyof Values)[];
}

function refuseOthers(
  values: Partial<Values>,
  options: readonly (keyof Values)[],
  command: string,
): void {
  const [option] = options.filter((name) => values[name] !== undefined);
  if (option === undefined) return;
  throw usage(`--${option} with \`watertight ${command}\` only: leave it out, or use that command`);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        url: { type: "string" },
        users: { type: "string" },
        only: { type: "string" },
        seed: { type: "string" },
        for: { type: "string" },
        window: { type: "string" },
        json: { type: "string" },
        html: { type: "string" },
        report: { type: "string", multiple: true },
        "metrics-file": { type: "string" },
        "metrics-port": { type: "string" },
        baseline: { type: "string" },
        "update-baseline": { type: "boolean" },
        "strict-baseline": { type: "boolean" },
        out: { type: "string" },
        force: { type: "boolean" },
        thorough: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
    });
  } catch (cause) {
    throw usage(`known options, got: ${(cause as Error).message.split(". ")[0]}`);
  }
}

function readUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw usage(`--url to be an address such as http://127.0.0.1:3000, got \`${text}\``);
}

function readNumber(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most)
    return value;
  throw usage(`${option} to be a whole number from ${least} to ${most}, got \`${text}\``);
}
