/** A way into a server that its code shows. */
export interface Route {
  /** `GET`, `POST`, …; `ALL` if it takes any. */
  readonly method: string;
  /** With its parameters as `:id`. */
  readonly path: string;
  /** Fields of the body that the code reads. */
  readonly fields: readonly string[];
  /** Where it stands. */
  readonly file: string;
}

/** A route as a file has it: on some router, whose place is known elsewhere. */
export interface SeenRoute {
  readonly method: string;
  readonly path: string;
  readonly fields: readonly string[];
  /** The variable that it was hung on; `undefined` if it has none. */
  readonly router: string | undefined;
}

/** Puts two parts of a path together: one `/` between them, none at the end. */
export function joinPaths(first: string, second: string): string {
  const joined = `/${first}/${second}`.replaceAll(/\/+/g, "/");
  return joined === "/" ? joined : joined.replace(/\/$/, "");
}

/** Whether a path has a part that is filled in. */
export function hasParameters({ path }: Pick<Route, "path">): boolean {
  return /[:*{[(]/.test(path);
}
