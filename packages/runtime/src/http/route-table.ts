import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

/** A request, its answer, and what its URL says. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** The parts of the path that the route left open, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** What is done with the requests of one method to one path. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Like `/runs/:runId/events`: a part that begins with a colon stands for anything but nothing. */
  readonly path: string;
  /** Pages of allowed origins may ask. */
  readonly isCrossOrigin: boolean;
  /** Answers; what it throws is answered for it, as refusal or as INTERNAL. */
  readonly handle: (exchange: Exchange) => void | Promise<void>;
}

/** The routes of one path, and what the path says. */
export interface Place {
  readonly routes: readonly Route[];
  readonly params: Readonly<Record<string, string>>;
}

interface Entry {
  readonly pattern: readonly string[];
  readonly routes: Route[];
}

/** Finds the routes of a path. */
export class RouteTable {
  readonly #entries: readonly Entry[];

  constructor(routes: readonly Route[]) {
    const entries = new Map<string, Entry>();
    for (const route of routes) {
      const known = entries.get(route.path);
      if (known === undefined) {
        entries.set(route.path, { pattern: route.path.split("/"), routes: [route] });
      } else known.routes.push(route);
    }
    this.#entries = [...entries.values()];
  }

  /** `undefined` for a path without routes; throws URL_INVALID for one that can't be decoded. */
  find(pathname: string): Place | undefined {
    const parts = pathname.split("/");
    const entry = this.#entries.find(({ pattern }) => matches(pattern, parts));
    if (entry === undefined) return undefined;
    const open = entry.pattern.map((part, index): [string, string][] =>
      part.startsWith(":") ? [[part.slice(1), decode(parts[index] ?? "")]] : [],
    );
    return { routes: entry.routes, params: Object.fromEntries(open.flat()) };
  }
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((part, i) => (part.startsWith(":") ? parts[i] !== "" : part === parts[i]));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpRefusal("URL_INVALID", "Expected a path with proper percent encoding.");
  }
}
