import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { CONFIG_NAMES } from "../config/find-config.ts";
import { chooseRoutes } from "../init/choose-routes.ts";
import { configText, PLACEHOLDER } from "../init/config-text.ts";
import { inspectProject, type Project } from "../init/inspect-project.ts";
import { plural } from "../reporters/plain-text.ts";
import { replaceFile } from "./replace-file.ts";
import { usage } from "./usage.ts";

/** What `watertight init` was asked to do. */
export interface InitArguments {
  readonly folder: string;
  /** Whether a config that is there may be replaced. */
  readonly force: boolean;
}

const SHOWN_ROUTES = 12;

/**
 * Looks at a project and writes a first config for it. Answers what to tell its people. Throws WT_USAGE if the
 * folder is none, or has a config already.
 */
export async function runInit({ folder, force }: InitArguments, from: string): Promise<string> {
  const path = resolve(from, folder);
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw usage(`a folder to look at, got \`${folder}\``);
  }
  const present = CONFIG_NAMES.find((name) => existsSync(join(path, name)));
  if (present !== undefined && !force) {
    throw usage(`no config in ${path}, found ${present}: --force replaces it`);
  }
  const project = await inspectProject(path);
  const name =
    present ?? (project.hasTypeScript ? "watertight.config.ts" : "watertight.config.mjs");
  await replaceFile(join(path, name), configText(project));
  return `${found(project)}\n${next(project, relative(from, path), name)}`;
}

function found(project: Project): string {
  const { hasManifest, frameworks, start, routes, files } = project;
  const read = `${hasManifest ? "package.json and " : ""}${plural(files.count, "file")}`;
  const rows: (readonly [string, string])[] = [
    ["Looked at", read + (files.isAll ? "" : "; there are more")],
    ["Uses", frameworks.join(", ") || "none of the frameworks that are known here"],
    ["Starts", start.command === undefined ? start.source : `${start.command}   (${start.source})`],
    ["Port", portText(project)],
    ["Routes", routesText(routes)],
  ];
  return rows.map(([label, text]) => `  ${label.padEnd(10)} ${text}\n`).join("");
}

function portText({ port }: Project): string {
  if (port === undefined) return "not seen; it must listen on the port in PORT";
  return port.from === "PORT"
    ? `read from PORT (${port.file})`
    : `${port.port}, named in ${port.file}`;
}

function routesText(routes: Project["routes"]): string {
  if (routes.length === 0) return "none seen";
  const shown = routes.slice(0, SHOWN_ROUTES).map(({ method, path }) => `${method} ${path}`);
  const rest = routes.length - shown.length;
  return shown.join(", ") + (rest === 0 ? "" : ` and ${rest} more`);
}

function next(project: Project, folder: string, name: string): string {
  const { start, routes } = project;
  const target = folder === "" ? "" : ` ${folder}`;
  const file = join(folder, name);
  const { gets, post } = chooseRoutes(routes);
  const steps = [
    ...(post === undefined ? [] : [`POST ${post.path}`]),
    ...gets.map((path) => `GET ${path}`),
  ];
  return [
    `Wrote ${file}: each user does ${steps.join(", ")}.`,
    ...(start.command === undefined
      ? [`How the server is started could not be told: put it in the place of \`${PLACEHOLDER}\`.`]
      : []),
    ...start.notes,
    `Say in it how a user signs in and what a user does, then: npx watertight check${target}`,
    "",
  ].join("\n");
}
