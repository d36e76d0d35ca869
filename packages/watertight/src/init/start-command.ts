import type { Manifest } from "./manifest.ts";
import type { CodeReading } from "./read-code.ts";

/** How a server is started, and what somebody should know of it. */
export interface StartCommand {
  /** `undefined` if nobody says. */
  readonly command: string | undefined;
  /** Where that was found: `the script "start"`. */
  readonly source: string;
  /** What to do or to know before it can be run, a sentence each. */
  readonly notes: readonly string[];
}

const WATCHES = /\b(?:nodemon|watch|--watch|ts-node-dev|tsup)\b/;
const MADE = /\b(?:dist|build|\.next|\.output|out)\b|^next start/;
const TAKES_A_SHELL = /[&|;<>$`'*?()]|^\w+=/;
const STARTS = Object.freeze(["start:prod", "start", "serve", "dev"]);

/**
 * Finds out how a project's server is started: by a script of its `package.json`, by its `main`, or by the
 * one file that opens a port.
 */
export function findStartCommand(
  manifest: Manifest,
  readings: readonly CodeReading[],
): StartCommand {
  return (
    fromFramework(manifest) ??
    fromScripts(manifest) ??
    fromMain(manifest, readings) ??
    fromCode(manifest, readings) ?? {
      command: undefined,
      source: "nothing in package.json, and no single file that opens a port",
      notes: [],
    }
  );
}

/** What SvelteKit builds says nothing of itself in `package.json`. */
function fromFramework({ dependencies, scripts }: Manifest): StartCommand | undefined {
  if (!dependencies.has("@sveltejs/adapter-node") || scripts.has("start")) return undefined;
  return {
    command: "node build",
    source: "@sveltejs/adapter-node",
    notes: ["Build it first: npm run build."],
  };
}

function fromScripts({ scripts }: Manifest): StartCommand | undefined {
  const name = STARTS.find((one) => scripts.has(one));
  const text = scripts.get(name ?? "");
  if (name === undefined || text === undefined) return undefined;
  const isPlain = text.startsWith("node ") && !TAKES_A_SHELL.test(text);
  const watches = name === "dev" || WATCHES.test(text);
  return {
    command: isPlain ? text : name === "start" ? "npm start" : `npm run ${name}`,
    source: `the script "${name}": ${text}`,
    notes: [
      ...(scripts.has("build") && MADE.test(text) ? ["Build it first: npm run build."] : []),
      ...(watches
        ? ["A server for development may restart by itself: better name the program that it runs."]
        : []),
    ],
  };
}

function fromMain({ main }: Manifest, readings: readonly CodeReading[]): StartCommand | undefined {
  const path = main?.replace(/^\.\//, "");
  const isServer = readings.some(({ file, listens }) => file === path && listens !== undefined);
  return isServer ? { command: `node ${path}`, source: '"main"', notes: [] } : undefined;
}

function fromCode(
  { dependencies }: Manifest,
  readings: readonly CodeReading[],
): StartCommand | undefined {
  const [reading, ...others] = readings.filter(({ listens }) => listens !== undefined);
  if (reading === undefined || others.length > 0) return undefined;
  const { file } = reading;
  const source = `${file}, which opens a port`;
  const path = file.includes(" ") ? `"${file}"` : file;
  if (!/\.[cm]?tsx?$/.test(file)) return { command: `node ${path}`, source, notes: [] };
  if (!dependencies.has("tsx")) return undefined;
  return { command: `node --import tsx ${path}`, source, notes: [] };
}
