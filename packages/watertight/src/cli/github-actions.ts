import { randomUUID } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Report } from "../report.ts";
import { renderGithub } from "../reporters/github.ts";
import { renderMarkdown } from "../reporters/markdown.ts";
import type { PlaceOptions } from "../reporters/place.ts";
import { attempt, type Failure } from "./deliver.ts";

/** What a command knows of its environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether this is a step of a GitHub workflow. */
export function isGithubAction(environment: Environment): boolean {
  return environment["GITHUB_ACTIONS"] === "true";
}

/**
 * The way from the root of the repository to `folder`, with `/`: empty without a GitHub workspace,
 * or outside of it.
 */
export function repositoryPrefix(environment: Environment, folder: string): string {
  const root = environment["GITHUB_WORKSPACE"];
  if (root === undefined || root === "") return "";
  const path = relative(root, folder).replaceAll("\\", "/");
  return path.startsWith("..") || path.includes(":") ? "" : path;
}

/**
 * Text of a target may begin a line like a workflow command does: between the two lines that this
 * puts around it, GitHub takes no commands.
 */
export function withoutCommands(text: string): string {
  const token = randomUUID();
  return `::stop-commands::${token}\n${text}\n::${token}::\n`;
}

/** Annotates the run and adds to the summary of the step, each on its own; answers what failed. */
export async function tellGithub(
  report: Report,
  environment: Environment,
  options: PlaceOptions & { readonly print: (text: string) => void },
): Promise<readonly Failure[]> {
  const summary = environment["GITHUB_STEP_SUMMARY"];
  return [
    ...(await attempt("The annotations", () => options.print(renderGithub(report, options)))),
    ...(summary === undefined || summary === ""
      ? []
      : await attempt("The summary of the step", () =>
          appendFile(summary, renderMarkdown(report)),
        )),
  ];
}
