import { posix } from "node:path";
import { fileRoutes } from "./file-routes.ts";
import type { CodeReading } from "./read-code.ts";
import { joinPaths, type Route, type SeenRoute } from "./route.ts";

/** Routers may hang on routers; deeper than this somebody hangs on himself. */
const MAX_DEPTH = 5;

/** All routes of a program, each with its whole path, in the order in which they stand. */
export function findRoutes(
  readings: readonly CodeReading[],
  dependencies: ReadonlySet<string>,
): readonly Route[] {
  const globalPrefix = readings.find((reading) => reading.globalPrefix !== undefined)?.globalPrefix;
  const mounts = new Mounts(readings);
  const routes = readings.flatMap((reading) =>
    reading.routes.flatMap((route): Route[] => {
      const { method, path, fields, router } = route;
      return mounts.prefixesOf(reading, router).map((prefix) => ({
        method,
        path: joinPaths(`${globalPrefix ?? ""}${prefix}`, path),
        fields,
        file: reading.file,
      }));
    }),
  );
  return eachOnce([...routes, ...fileRoutes(readings, dependencies)]);
}

function eachOnce(routes: readonly Route[]): readonly Route[] {
  return [...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

/** Knows where routers hang. */
class Mounts {
  readonly #readings: readonly CodeReading[];

  constructor(readings: readonly CodeReading[]) {
    this.#readings = readings;
  }

  /** What stands before the routes of a router; one, and empty, if nobody says. */
  prefixesOf(reading: CodeReading, router: SeenRoute["router"], depth = 0): readonly string[] {
    if (depth === MAX_DEPTH) return [""];
    const own = reading.mounts.filter(({ mounted, on }) => mounted === router && on !== router);
    const inside = own.flatMap(({ on, prefix }) =>
      this.prefixesOf(reading, on, depth + 1).map((before) => before + prefix),
    );
    if (inside.length > 0) return inside;
    const outside = this.#readings.flatMap((other) =>
      other.mounts
        .filter(({ mounted }) => isSameFile(other, mounted, reading.file))
        .flatMap(({ on, prefix }) =>
          this.prefixesOf(other, on, depth + 1).map((before) => before + prefix),
        ),
    );
    return outside.length > 0 ? outside : [""];
  }
}

/** Whether a name of a file was imported from another file, whose ending may be left out or be another. */
function isSameFile({ file, imports }: CodeReading, name: string, wanted: string): boolean {
  const from = imports.get(name);
  if (from === undefined || !from.startsWith(".") || file === wanted) return false;
  const path = posix.join(posix.dirname(file), from);
  const stem = withoutEnding(wanted);
  return [path, withoutEnding(path)].some((one) => one === stem || `${one}/index` === stem);
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, "");
}
