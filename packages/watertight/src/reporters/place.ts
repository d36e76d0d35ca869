import type { Holder } from "../finding.ts";

/** How files are named where a report is read. */
export interface PlaceOptions {
  /** From the root of the repository to the folder of the run, with `/`; empty if they are one. */
  readonly prefix: string;
  /** The config or module that was run, from the folder of the run: the place of what has no other. */
  readonly configFile: string;
}

/** The path of a file from the root of the repository, with `/`; outside of it, as it is. */
export function repositoryPath(file: string, { prefix }: PlaceOptions): string {
  const path = file.replaceAll("\\", "/");
  if (isAbsolute(path)) return path;
  const parts: string[] = [];
  for (const part of `${prefix}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

export function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:\//.test(path);
}

/** The holders that have a file, the most telling first. */
export function placed(heldIn: readonly Holder[]): readonly (Holder & { readonly file: string })[] {
  return heldIn.filter((holder): holder is Holder & { readonly file: string } => {
    return holder.file !== undefined;
  });
}
