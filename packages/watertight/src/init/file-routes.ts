import type { CodeReading } from "./read-code.ts";
import type { Route } from "./route.ts";

const METHODS = Object.freeze(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** A convention by which a file's place is its path. */
interface Convention {
  readonly isRoute: RegExp;
  readonly isPage: RegExp;
}

const CONVENTIONS: Readonly<Record<"next" | "@sveltejs/kit", Convention>> = Object.freeze({
  next: {
    isRoute: /^(?:src\/)?app\/(?<path>.*?)\/?route\.[cm]?[jt]sx?$/,
    isPage: /^(?:src\/)?app\/(?<path>.*?)\/?page\.[cm]?[jt]sx?$/,
  },
  "@sveltejs/kit": {
    isRoute: /^src\/routes\/(?<path>.*?)\/?\+server\.[jt]s$/,
    isPage: /^src\/routes\/(?<path>.*?)\/?\+page(?:\.server)?\.[jt]s$/,
  },
});

/** The routes of route handlers (Next, in `app`) and `+server.ts` (SvelteKit), and their pages, as GET. */
export function fileRoutes(
  readings: readonly CodeReading[],
  dependencies: ReadonlySet<string>,
): readonly Route[] {
  const conventions = Object.entries(CONVENTIONS).filter(([name]) => dependencies.has(name));
  return readings.flatMap((reading) =>
    conventions.flatMap(([, convention]) => routesIn(reading, convention)),
  );
}

function routesIn(reading: CodeReading, { isRoute, isPage }: Convention): readonly Route[] {
  const { file, exports, bodyFields: fields } = reading;
  const route = isRoute.exec(file)?.groups?.["path"];
  if (route !== undefined) {
    return METHODS.filter((method) => exports.has(method)).map((method) => ({
      method,
      path: pathOf(route),
      fields: method === "GET" ? [] : fields,
      file,
    }));
  }
  const page = isPage.exec(file)?.groups?.["path"];
  return page === undefined ? [] : [{ method: "GET", path: pathOf(page), fields: [], file }];
}

/** `(group)` and `@slot` are in no address; `[id]` is filled in. */
function pathOf(folders: string): string {
  const parts = folders.split("/").filter((part) => !/^(?:\(.*\)|@.*|)$/.test(part));
  return `/${parts.map((part) => part.replace(/^\[+(?:\.{3})?(\w+).*$/, ":$1")).join("/")}`;
}
