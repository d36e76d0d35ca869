import { FORMATS, isReportFormat, type ReportFormat } from "./report-formats.ts";
import { usage } from "./usage.ts";

/** A report that was asked for. */
export interface ReportRequest {
  /** The option that asked for it. */
  readonly option: string;
  readonly format: ReportFormat;
  /** A path; `-` is standard output; `undefined` its usual name in `--out`. */
  readonly file: string | undefined;
}

/** What is to be done with what a run found out. */
export interface OutputArguments {
  /** Reports besides the two in `out`; at most one is printed on standard output. */
  readonly reports: readonly ReportRequest[];
  /** A file of known findings and numbers. */
  readonly baseline: string | undefined;
  readonly updateBaseline: boolean;
  readonly strictBaseline: boolean;
  /** The folder that gets report.html and report.json. */
  readonly out: string;
}

/** The options of the command line that say so, as they were given. */
export interface OutputValues {
  readonly report?: string[];
  readonly json?: string;
  readonly html?: string;
  readonly "metrics-file"?: string;
  readonly baseline?: string;
  readonly "update-baseline"?: boolean;
  readonly "strict-baseline"?: boolean;
  readonly out?: string;
}

/** Throws WT_USAGE for what can't be. */
export function readOutput(values: OutputValues): OutputArguments {
  return {
    out: values.out ?? ".watertight",
    reports: readReports(values),
    ...readBaseline(values),
  };
}

/** Throws WT_USAGE for an unknown format, and for two reports on standard output. */
function readReports(values: OutputValues): readonly ReportRequest[] {
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
  values: OutputValues,
): Pick<OutputArguments, "baseline" | "updateBaseline" | "strictBaseline"> {
  const { baseline, "update-baseline": update = false, "strict-baseline": strict = false } = values;
  if (baseline === undefined && (update || strict)) {
    const option = update ? "--update-baseline" : "--strict-baseline";
    throw usage(`--baseline FILE beside ${option}, got none`);
  }
  if (baseline === "") throw usage("a file after --baseline, got none");
  return { baseline, updateBaseline: update, strictBaseline: strict };
}
