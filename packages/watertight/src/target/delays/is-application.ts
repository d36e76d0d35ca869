import { fileURLToPath } from "node:url";

/** Says whether a module is part of the application: a file, of no installed package, and not ours. */
export function isApplication(url: string): boolean {
  if (!url.startsWith("file:")) return false;
  const own = new URL("../..", import.meta.url).href;
  return !url.startsWith(own) && !fileURLToPath(url).split(/[\\/]/).includes("node_modules");
}
