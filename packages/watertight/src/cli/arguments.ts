import { parseArgs } from "node:util";
import { ToolError } from "../errors.ts";

/** What `watertight check` was asked to do. */
export interface CheckArguments {
  readonly target: string;
  readonly users: number | undefined;
  readonly only: readonly string[];
  readonly seed: number | undefined;
  /** A path for the report as JSON; `-` is standard output. */
  readonly json: string | undefined;
  /** A path for the report as HTML; `-` is standard output. */
  readonly html: string | undefined;
  /** The folder that gets report.html and report.json. */
  readonly out: string;
}

/** A command line, understood. */
export type Command =
  | { readonly name: "check"; readonly arguments: CheckArguments }
  | { readonly name: "help"; readonly topic: string | undefined }
  | { readonly name: "version" };

const MAX_USERS = 10_000;
const MAX_SEED = 4_294_967_295;

/** Reads the words after `watertight`. Throws WT_USAGE with what was expected. */
export function readCommand(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  const [name, target = ".", ...rest] = positionals;
  if (values.help === true || name === "help") {
    return { name: "help", topic: name === "help" ? positionals[1] : name };
  }
  if (values.version === true) return { name: "version" };
  if (name === undefined) return { name: "help", topic: undefined };
  if (name !== "check") throw usage(`the command \`check\`, got \`${name}\``);
  if (values.json === "-" && values.html === "-") {
    throw usage(
      "one report on standard output, got `--json -` and `--html -`: name a file for one",
    );
  }
  if (rest.length > 0)
    throw usage(`one target, got ${rest.length + 1}: ${[target, ...rest].join(" ")}`);
  return {
    name: "check",
    arguments: {
      target,
      users: readNumber("--users", values.users, 2, MAX_USERS),
      only: values.only?.split(",").filter((id) => id !== "") ?? [],
      seed: readNumber("--seed", values.seed, 0, MAX_SEED),
      json: values.json,
      html: values.html,
      out: values.out ?? ".watertight",
    },
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        users: { type: "string" },
        only: { type: "string" },
        seed: { type: "string" },
        json: { type: "string" },
        html: { type: "string" },
        out: { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
    });
  } catch (cause) {
    throw usage(`known options, got: ${(cause as Error).message.split(". ")[0]}`);
  }
}

function readNumber(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`${option} to be a whole number from ${least} to ${most}, got \`${text}\``);
}

function usage(problem: string): ToolError {
  return new ToolError("WT_USAGE", `Expected ${problem}. See: npx watertight --help`);
}
