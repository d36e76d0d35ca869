import type { Report } from "../report.ts";
import { renderCtrf } from "../reporters/ctrf.ts";
import { renderGithub } from "../reporters/github.ts";
import { renderHtml } from "../reporters/html.ts";
import { renderJson } from "../reporters/json.ts";
import { renderJunit } from "../reporters/junit.ts";
import { renderMarkdown } from "../reporters/markdown.ts";
import type { PlaceOptions } from "../reporters/place.ts";
import { renderSarif } from "../reporters/sarif.ts";
import { renderMetrics } from "./soak-metrics.ts";

/** What `--report` can name. */
export type ReportFormat =
  | "json"
  | "html"
  | "junit"
  | "sarif"
  | "ctrf"
  | "github"
  | "markdown"
  | "prometheus";

interface Format {
  /** The file's name in `--out`, if the command line gives none. */
  readonly fileName: string;
  readonly render: (report: Report, options: PlaceOptions) => string;
}

/** How each format is written, and the name of its file. */
export const FORMATS: Readonly<Record<ReportFormat, Format>> = Object.freeze({
  json: format("report.json", renderJson),
  html: format("report.html", renderHtml),
  junit: format("junit.xml", renderJunit),
  sarif: format("report.sarif", renderSarif),
  ctrf: format("ctrf.json", renderCtrf),
  github: format("annotations.txt", renderGithub),
  markdown: format("summary.md", renderMarkdown),
  prometheus: format("metrics.prom", renderMetrics),
});

/** Whether a word names a format. */
export function isReportFormat(word: string): word is ReportFormat {
  return Object.hasOwn(FORMATS, word);
}

function format(fileName: string, render: Format["render"]): Format {
  return Object.freeze({ fileName, render });
}
