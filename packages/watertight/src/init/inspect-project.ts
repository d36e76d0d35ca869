import { access } from "node:fs/promises";
import { join } from "node:path";
import { findPort, type PortFinding } from "./find-port.ts";
import { findRoutes } from "./find-routes.ts";
import { frameworksOf, type Manifest, readManifest } from "./manifest.ts";
import { readCode } from "./read-code.ts";
import type { Route } from "./route.ts";
import { readSources } from "./sources.ts";
import { findStartCommand, type StartCommand } from "./start-command.ts";

/** What could be seen of a project without running it. */
export interface Project {
  readonly hasManifest: boolean;
  readonly dependencies: Manifest["dependencies"];
  /** For people. */
  readonly frameworks: readonly string[];
  readonly hasTypeScript: boolean;
  readonly start: StartCommand;
  readonly port: PortFinding | undefined;
  readonly routes: readonly Route[];
  /** How many files were read, and whether these are all. */
  readonly files: { readonly count: number; readonly isAll: boolean };
}

/** Looks at the project in `folder`; nothing of it is run, and nothing is written. */
export async function inspectProject(folder: string): Promise<Project> {
  const manifest = await readManifest(folder);
  const { files, isAll } = await readSources(folder);
  const readings = files.flatMap((file) => readCode(file) ?? []);
  const hasTypeScript =
    manifest.dependencies.has("typescript") ||
    files.some(({ path }) => /\.[cm]?tsx?$/.test(path)) ||
    (await isThere(join(folder, "tsconfig.json")));
  return {
    hasManifest: manifest.isThere,
    dependencies: manifest.dependencies,
    frameworks: frameworksOf(manifest),
    hasTypeScript,
    start: findStartCommand(manifest, readings),
    port: findPort(manifest, files, readings),
    routes: findRoutes(readings, manifest.dependencies),
    files: { count: files.length, isAll },
  };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
