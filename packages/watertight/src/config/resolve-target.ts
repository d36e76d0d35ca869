import { resolve } from "node:path";
import { isRecord } from "../received.ts";
import { isToldByOutput, type Ready } from "../target/readiness.ts";
import type { BesideCommand, CommandTarget, ComponentsTarget } from "./define-config.ts";
import { checkObject, invalid, type Shape } from "./shape.ts";

/** Something to start before the server. */
export interface ResolvedBeside extends BesideCommand {
  /** Where the config describes it: `target.beside[0]`. */
  readonly key: string;
  readonly cwd: string;
  readonly ready: Ready;
  readonly readyTimeoutMs: number;
}

/** A server to start, and what to start before it. */
export interface ResolvedCommand extends CommandTarget {
  readonly kind: "command";
  readonly cwd: string;
  readonly readyTimeoutMs: number;
  readonly beside: readonly ResolvedBeside[];
}

/** A server that somebody else has started. */
export interface ResolvedUrl {
  readonly kind: "url";
  readonly url: string;
  readonly ready: Ready | undefined;
  readonly readyTimeoutMs: number;
}

export type ResolvedTarget =
  | ResolvedCommand
  | ResolvedUrl
  | (ComponentsTarget & { readonly kind: "components"; readonly cwd: string });

const COMMAND_KEYS: Shape = Object.freeze({
  command: "string",
  cwd: "string",
  env: "texts",
  url: "url",
  ready: "ready",
  readyTimeoutMs: "positive",
  beside: "list",
});
const COMPONENTS_KEYS: Shape = Object.freeze({ components: "string", env: "texts" });
const BESIDE_KEYS: Shape = Object.freeze({
  name: "name",
  command: "string",
  cwd: "string",
  env: "texts",
  port: "port",
  ready: "ready",
  readyTimeoutMs: "positive",
});
const READY_KEYS: Shape = Object.freeze({ path: "string", port: "true", line: "line" });

const TAKES_CONNECTIONS: Ready = Object.freeze({ port: true });
const READY_TIMEOUT_MS = 15_000;
/** A server that runs already is there at once, or is about to be. */
const REMOTE_TIMEOUT_MS = 5000;

/** Checks what a config says of its target. Throws WT_CONFIG_INVALID. */
export function resolveTarget(value: unknown, folder: string): ResolvedTarget {
  if (isRecord(value) && "components" in value) {
    const target = checkObject(value, COMPONENTS_KEYS, "target") as unknown as ComponentsTarget;
    const components = resolve(folder, target.components);
    return Object.freeze({ ...target, kind: "components", components, cwd: folder });
  }
  const target = checkObject(value, COMMAND_KEYS, "target") as unknown as CommandTarget;
  checkReady(target.ready, "target");
  if (target.command === undefined) return resolveUrl(target);
  return Object.freeze({
    readyTimeoutMs: READY_TIMEOUT_MS,
    ...target,
    kind: "command",
    cwd: resolve(folder, target.cwd ?? "."),
    beside: resolveBeside(target.beside ?? [], folder),
  });
}

/**
 * The same target, but somebody else has started it, at `url`: what there is to start is left alone. Throws
 * WT_CONFIG_INVALID for a module of components, which only the suite can serve.
 */
export function targetAt(url: string, value: unknown): unknown {
  if (!isRecord(value)) return { url };
  if ("components" in value) {
    throw invalid(
      "a config of a server beside --url",
      "one of a module of components",
      "leave --url out, the suite serves the module itself",
    );
  }
  const { ready, readyTimeoutMs } = value;
  const isLine = isRecord(ready) && "line" in ready;
  return { url, readyTimeoutMs, ...(isLine ? {} : { ready }) };
}

function resolveUrl(target: CommandTarget): ResolvedUrl {
  const { url, ready, readyTimeoutMs = REMOTE_TIMEOUT_MS, ...others } = target;
  const [needless] = Object.entries(others).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  );
  if (url === undefined || needless !== undefined) {
    throw invalid(
      "`target.command`, `target.components`, or `target.url` alone",
      needless === undefined ? "none of them" : `\`${needless}\` without a command`,
      "say what to start, or where a server that you have started is",
    );
  }
  if (typeof ready === "object" && "line" in ready) {
    throw invalid(
      "`target.ready` to be a path or a port where nothing is started",
      "a line",
      "what somebody else's server prints can't be seen",
    );
  }
  return Object.freeze({ kind: "url", url, ready, readyTimeoutMs });
}

function resolveBeside(values: readonly unknown[], folder: string): readonly ResolvedBeside[] {
  const all = values.map((value, place) => resolveOne(value, folder, `target.beside[${place}]`));
  const names = all.map(({ name }) => name).filter((name) => name !== undefined);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) {
    throw invalid(
      "each of `target.beside` to have a name of its own",
      `\`${twice}\` twice`,
      "rename one",
    );
  }
  return Object.freeze(all);
}

function resolveOne(value: unknown, folder: string, key: string): ResolvedBeside {
  const one = checkObject(value, BESIDE_KEYS, key) as unknown as BesideCommand;
  checkReady(one.ready, key);
  if (one.command === undefined)
    throw invalid(`\`${key}.command\``, "nothing", "say what to start");
  if (one.port !== undefined && isToldByOutput(one.ready)) {
    throw invalid(
      `an address of \`${key}\` by \`port\` or by \`ready.line\``,
      "both",
      "leave one of them out",
    );
  }
  return Object.freeze({
    readyTimeoutMs: READY_TIMEOUT_MS,
    ...one,
    key,
    ready: one.ready ?? TAKES_CONNECTIONS,
    cwd: resolve(folder, one.cwd ?? "."),
  });
}

function checkReady(ready: unknown, key: string): void {
  if (!isRecord(ready)) return;
  checkObject(ready, READY_KEYS, `${key}.ready`);
  const given = Object.values(ready).filter((value) => value !== undefined).length;
  if (given === 1) return;
  throw invalid(
    `one of path, port and line in \`${key}.ready\``,
    given === 0 ? "none" : `${given}`,
    "say one thing that the server does when it is ready",
  );
}
