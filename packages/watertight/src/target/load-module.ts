import { pathToFileURL } from "node:url";
import { createJiti } from "jiti";

/** Imports a module by path; TypeScript is compiled on the way. Every import of it is the same module. */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!/\.[cm]?tsx?$/.test(path)) return import(pathToFileURL(path).href);
  const jiti = createJiti(import.meta.url, { fsCache: false, interopDefault: false });
  return jiti.import(path);
}
