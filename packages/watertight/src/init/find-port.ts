import type { Manifest } from "./manifest.ts";
import type { CodeReading } from "./read-code.ts";
import type { SourceFile } from "./sources.ts";

/** How a server finds its port: from the environment, or one that is its own; `undefined` if it can't be seen. */
export type PortFinding =
  | { readonly from: "PORT"; readonly file: string }
  | { readonly from: "code"; readonly port: number; readonly file: string };

const READS_PORT =
  /\benv(?:\.|\?\.|\[["'])PORT\b|\{[^{}]*\bPORT\b[^{}]*\} = process\.env\b|\bget(?:OrThrow)?(?:<\w+>)?\(["']PORT["']/;
const SCRIPT_PORT = /(?:-p|--port)[ =](?<port>\d+)/;
/** They take `PORT` by themselves. */
const TAKE_PORT = Object.freeze(["next", "@sveltejs/adapter-node"]);

/** Looks for the port that a server opens. */
export function findPort(
  { dependencies, scripts }: Manifest,
  files: readonly SourceFile[],
  readings: readonly CodeReading[],
): PortFinding | undefined {
  const fixed = SCRIPT_PORT.exec(scripts.get("start") ?? "")?.groups?.["port"];
  if (fixed !== undefined) return { from: "code", port: Number(fixed), file: "package.json" };
  const reader = files.find(({ text }) => READS_PORT.test(text));
  if (reader !== undefined) return { from: "PORT", file: reader.path };
  const taking = TAKE_PORT.find((name) => dependencies.has(name));
  if (taking !== undefined) return { from: "PORT", file: taking };
  const own = readings.find(({ listens }) => listens?.port !== undefined && listens.port > 0);
  return own?.listens?.port === undefined
    ? undefined
    : { from: "code", port: own.listens.port, file: own.file };
}
