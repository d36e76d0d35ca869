import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ToolError } from "../errors.ts";
import { isRecord } from "../received.ts";
import { type ResolvedConfig, resolveConfig } from "./resolve-config.ts";
import { targetAt } from "./resolve-target.ts";

/** The names that a config may have, the first of which counts. */
export const CONFIG_NAMES: readonly string[] = Object.freeze([
  "watertight.config.ts",
  "watertight.config.mts",
  "watertight.config.js",
  "watertight.config.mjs",
]);

/** Imports a module by path, whatever it is written in. */
export type LoadModule = (path: string) => Promise<Readonly<Record<string, unknown>>>;

/** What is asked for on the command line, and counts more than what the config says. */
export interface Overrides {
  /** Where a server answers that somebody else has started: nothing is started then. */
  readonly url?: string | undefined;
  readonly thorough?: boolean | undefined;
}

/**
 * Finds and reads the config that `target` names: a folder with a `watertight.config.ts` (or `.mts`,
 * `.js`, `.mjs`) in it, such a file itself, or a module that exports the component factories. Throws
 * WT_TARGET_NOT_FOUND, WT_CONFIG_FAILED (the file throws) or WT_CONFIG_INVALID.
 */
export async function findConfig(
  target: string,
  folder: string,
  load: LoadModule,
  overrides: Overrides = {},
): Promise<ResolvedConfig> {
  const path = resolve(folder, target);
  if (!existsSync(path)) {
    throw new ToolError(
      "WT_TARGET_NOT_FOUND",
      `Expected \`${target}\` to be a folder with a watertight.config.ts, such a file, or a module of factories, but there is nothing at ${path}. Check the path.`,
    );
  }
  if (!statSync(path).isDirectory()) {
    return /\.config\.[cm]?[jt]s$/.test(basename(path))
      ? readConfig(path, load, overrides)
      : resolveConfig(overridden({ target: { components: path } }, overrides), dirname(path));
  }
  const found = CONFIG_NAMES.map((name) => join(path, name)).find((file) => existsSync(file));
  if (found !== undefined) return readConfig(found, load, overrides);
  throw new ToolError(
    "WT_TARGET_NOT_FOUND",
    `Expected a config file in ${path} (${CONFIG_NAMES.join(", ")}), found none. Write one of ten lines: npx watertight check --help shows it.`,
  );
}

async function readConfig(
  path: string,
  load: LoadModule,
  overrides: Overrides,
): Promise<ResolvedConfig> {
  const { exports, config } = await loadDefault(path, load).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message + placeOf(cause, path) : String(cause);
    throw new ToolError("WT_CONFIG_FAILED", `Expected ${path} to load, but it threw: ${message}`, {
      cause,
    });
  });
  if (config === undefined) {
    throw new ToolError(
      "WT_CONFIG_INVALID",
      `Expected ${path} to have a default export, got the exports ${exports.join(", ") || "(none)"}. Write: export default defineConfig({ … })`,
    );
  }
  return resolveConfig(overridden(config, overrides), dirname(path));
}

function overridden(config: unknown, { url, thorough }: Overrides): unknown {
  if (!isRecord(config)) return config;
  return {
    ...config,
    ...(url === undefined ? {} : { target: targetAt(url, config["target"]) }),
    ...(thorough === undefined ? {} : { thorough }),
  };
}

/** Where in the config it happened, if the error's own words don't say. */
function placeOf({ message, stack = "" }: Error, path: string): string {
  const from = stack.indexOf(`${path}:`);
  if (from === -1 || message.includes(path)) return "";
  return ` (${basename(path)}${/^:\d+/.exec(stack.slice(from + path.length))?.[0] ?? ""})`;
}

/** A config may also be promised. */
async function loadDefault(
  path: string,
  load: LoadModule,
): Promise<{ readonly exports: readonly string[]; readonly config: unknown }> {
  const module = await load(path);
  return { exports: Object.keys(module), config: await module["default"] };
}
