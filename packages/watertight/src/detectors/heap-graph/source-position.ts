import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Holder } from "../../finding.ts";
import { declarationOffset } from "./declaration.ts";
import { canTouch } from "./own-variables.ts";

/** A place in a file that a person wrote. Line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Finds where `variable` (`name`, `Class.name` or `Class.#name`) is declared in a script, and, if the
 * script was compiled and says from what, the place in the original. The file alone, if the
 * declaration can't be found.
 */
export function locate(script: string, variable: string, kind: Holder["kind"]): SourcePosition {
  const file = script.startsWith("file:") ? fileURLToPath(script) : script;
  try {
    const text = readFileSync(file, "utf8");
    const offset = declarationOffset(file, text, { variable, kind });
    const place = offset === undefined ? undefined : toLine(text, offset);
    return original(file, text, place) ?? { file, ...place };
  } catch {
    return { file };
  }
}

/** Says whether a class of a script could touch a variable of the same script; yes, where one can't see. */
export function mayTouch(
  script: string,
  className: string,
  { variable, ...place }: Holder,
): boolean {
  const own = locate(script, variable, place.kind);
  if (own.line === undefined || own.file !== place.file || own.line !== place.line) return true;
  const file = script.startsWith("file:") ? fileURLToPath(script) : script;
  return canTouch(file, readFileSync(file, "utf8"), { className, variable });
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function toLine(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** Follows the source map, where there is one. A map of many sources tells nothing without a place. */
function original(
  file: string,
  text: string,
  place: Place | undefined,
): SourcePosition | undefined {
  const map = readSourceMap(file, text);
  if (map === undefined) return undefined;
  const found = place && originalPositionFor(map, { line: place.line, column: place.column - 1 });
  const only = map.sources.length === 1 ? map.sources[0] : undefined;
  const source = found?.source ?? only;
  if (source === null || source === undefined) return undefined;
  const written = source.startsWith("file:")
    ? fileURLToPath(source)
    : resolve(dirname(file), source);
  if (found === undefined || found.line === null) return { file: written };
  return { file: written, line: found.line, column: found.column + 1 };
}

function readSourceMap(file: string, text: string): TraceMap | undefined {
  const url = /\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(text)?.[1];
  if (url === undefined) return undefined;
  const inline = /^data:[^,]*;base64,(.*)$/.exec(url)?.[1];
  if (inline !== undefined) return new TraceMap(Buffer.from(inline, "base64").toString("utf8"));
  // Packages are often published without the maps that they name.
  const path = resolve(dirname(file), decoded(url));
  return existsSync(path) ? new TraceMap(readFileSync(path, "utf8")) : undefined;
}

/** Bundlers write brackets and spaces of a file's name percent-encoded. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
