import { parseArgs } from "node:util";
import { ToolError } from "../errors.ts";
import { FORMATS, isReportFormat, type ReportFormat } from "./report-formats.ts";

/** A report that was asked for. */
export interface ReportRequest {
  /** The option that asked for it. */
  readonly option: string;
  readonly format: ReportFormat;
  /** A path; `-` is standard output; `undefined` its usual name in `--out`. */
  readonly file: string | undefined;
}

/** What `watertight check` was asked to do. */
export interface CheckArguments {
  readonly target: string;
  readonly users: number | undefined;
  readonly only: readonly string[];
  readonly seed: number | undefined;
  /** Reports besides the two in `out`; at most one is printed on standard output. */
  readonly reports: readonly ReportRequest[];
  /** A file of known findings and numbers. */
  readonly baseline: string | undefined;
  readonly updateBaseline: boolean;
  readonly strictBaseline: boolean;
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
  if (rest.length > 0)
    throw usage(`one target, got ${rest.length + 1}: ${[target, ...rest].join(" ")}`);
  return {
    name: "check",
    arguments: {
      target,
      users: readNumber("--users", values.users, 2, MAX_USERS),
      only: values.only?.split(",").filter((id) => id !== "") ?? [],
      seed: readNumber("--seed", values.seed, 0, MAX_SEED),
      out: values.out ?? ".watertight",
      reports: readReports(values),
      ...readBaseline(values),
    },
  };
}

type Values = ReturnType<typeof parse>["values"];

/** Throws WT_USAGE for an unknown format, and for two reports on standard output. */
function readReports(values: Values): readonly ReportRequest[] {
  const { report = [], json, html, "metrics-file": metrics } = values;
  const reports = [
    ...(json === undefined ? [] : [toReport("json", json, "--json")]),
    ...(html === undefined ? [] : [toReport("html", html, "--html")]),
    ...(metrics === undefined ? [] : [toReport("prometheus", metrics, "--metrics-file")]),
    ...report.map((text) => {
      const [format = "", ...file] = text.split("=");
      return toReport(format, file.length === 0 ? undefined : file.join("="), "--report");
    }),
  ];
  const printed = reports.filter(({ file }) => file === "-");
  if (printed.length > 1) {
    const formats = printed.map(({ format }) => format).join(" and ");
    throw usage(`one report on standard output, got ${formats}: name a file for one`);
  }
  return reports;
}

function toReport(format: string, file: string | undefined, option: string): ReportRequest {
  if (!isReportFormat(format)) {
    throw usage(`--report to name one of ${Object.keys(FORMATS).join(", ")}, got \`${format}\``);
  }
  if (file === "") throw usage(`a file after ${option} ${format}=, got none`);
  return { option: option === "--report" ? `--report ${format}` : option, format, file };
}

function readBaseline(
  values: Values,
): Pick<CheckArguments, "baseline" | "updateBaseline" | "strictBaseline"> {
  const { baseline, "update-baseline": update = false, "strict-baseline": strict = false } = values;
  if (baseline === undefined && (update || strict)) {
    const option = update ? "--update-baseline" : "--strict-baseline";
    throw usage(`--baseline FILE beside ${option}, got none`);
  }
  if (baseline === "") throw usage("a file after --baseline, got none");
  return { baseline, updateBaseline: update, strictBaseline: strict };
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
        report: { type: "string", multiple: true },
        "metrics-file": { type: "string" },
        baseline: { type: "string" },
        "update-baseline": { type: "boolean" },
        "strict-baseline": { type: "boolean" },
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
