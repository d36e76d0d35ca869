import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../received.ts";

/** What a `package.json` says that matters here. */
export interface Manifest {
  /** Whether there is one that can be read. */
  readonly isThere: boolean;
  readonly dependencies: ReadonlySet<string>;
  readonly scripts: ReadonlyMap<string, string>;
  readonly main: string | undefined;
}

/** What is known of a framework: its package, and its name for people. */
const FRAMEWORKS: Readonly<Record<string, string>> = Object.freeze({
  "@nestjs/core": "NestJS",
  next: "Next.js",
  "@sveltejs/kit": "SvelteKit",
  express: "Express",
  fastify: "Fastify",
  hono: "Hono",
  "socket.io": "Socket.IO",
  ws: "ws",
  "@modelcontextprotocol/sdk": "MCP SDK",
  "@apollo/server": "Apollo Server",
  "graphql-yoga": "GraphQL Yoga",
  graphql: "GraphQL",
});

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** Reads a folder's `package.json`; one that is missing or damaged says nothing. */
export async function readManifest(folder: string): Promise<Manifest> {
  const value = await readFile(join(folder, "package.json"), "utf8").then(parse, () => NOTHING);
  const { dependencies, devDependencies, scripts, main } = value;
  return {
    isThere: value !== NOTHING,
    dependencies: new Set([
      ...Object.keys(texts(dependencies)),
      ...Object.keys(texts(devDependencies)),
    ]),
    scripts: new Map(Object.entries(texts(scripts))),
    main: typeof main === "string" ? main : undefined,
  };
}

/** Names of the frameworks that a project uses, for people. */
export function frameworksOf({ dependencies }: Manifest): readonly string[] {
  return Object.entries(FRAMEWORKS).flatMap(([name, title]) =>
    dependencies.has(name) ? [title] : [],
  );
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : NOTHING;
  } catch {
    return NOTHING;
  }
}

function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
