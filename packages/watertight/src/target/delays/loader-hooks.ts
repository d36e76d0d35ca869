// Runs in the loader's thread of Node 20, where modules are loaded by hooks of their own.
import { fileURLToPath } from "node:url";
import type { LoadHook } from "node:module";
import { instrument } from "./instrument.ts";
import { isApplication } from "./is-application.ts";

/** Instruments the application's ECMAScript modules as they are loaded. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== "module" || !isApplication(url) || loaded.source === undefined) {
    return loaded;
  }
  const text = Buffer.from(loaded.source as Uint8Array).toString("utf8");
  return { ...loaded, source: instrument(fileURLToPath(url), text) };
};
