import Module, { register } from "node:module";
import * as nodeModule from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { instrument } from "./instrument.ts";
import { isApplication } from "./is-application.ts";

type Compile = (this: unknown, text: string, file: string, ...rest: unknown[]) => unknown;
type NextLoad = (url: string, context: unknown) => Loaded;
type RegisterHooks = (hooks: {
  readonly load: (url: string, context: unknown, nextLoad: NextLoad) => Loaded;
}) => void;

interface Loaded {
  readonly format?: string | null;
  readonly source?: string | NodeJS.ArrayBufferView | ArrayBuffer | null;
}

/**
 * Instruments every module of the application as it is loaded, ECMAScript modules and CommonJS, on
 * any Node from 20 on (which has no synchronous hooks).
 */
export function instrumentModules(): void {
  const registerHooks = (nodeModule as unknown as Record<string, unknown>)["registerHooks"];
  if (typeof registerHooks === "function") (registerHooks as RegisterHooks)({ load: loadModule });
  else register(new URL("./loader-hooks.js", import.meta.url));
  const prototype = Module.prototype as unknown as Record<string, unknown>;
  const compile = prototype["_compile"] as Compile;
  const compileInstrumented: Compile = function compileInstrumented(text, file, ...rest) {
    const source = isApplication(pathToFileURL(file).href) ? instrument(file, text) : text;
    return compile.call(this, source, file, ...rest);
  };
  prototype["_compile"] = compileInstrumented;
}

function loadModule(url: string, context: unknown, nextLoad: NextLoad): Loaded {
  const loaded = nextLoad(url, context);
  const { format, source } = loaded;
  if (format !== "module" || !isApplication(url) || source === undefined || source === null) {
    return loaded;
  }
  const text = typeof source === "string" ? source : Buffer.from(source as Uint8Array).toString();
  return { ...loaded, source: instrument(fileURLToPath(url), text) };
}
