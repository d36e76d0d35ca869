import type { ResolvedClientOptions } from "./client-options.ts";
import { invalidOption } from "./client-errors.ts";
import type { WebSocketLike } from "./web-socket-like.ts";

/** What a line is opened with. */
export interface Opening {
  readonly token?: string;
  readonly ticket?: string;
  readonly session?: string | undefined;
  readonly after?: string | undefined;
}

type Construct = new (url: string, options?: object) => WebSocketLike;

/** Asks the app for a fresh proof. Rejects if it has none. */
export async function fetchProof({
  token,
  ticket,
}: ResolvedClientOptions): Promise<Pick<Opening, "token" | "ticket">> {
  if (token !== undefined) return { token: text("token", await token()) };
  if (ticket !== undefined) return { ticket: text("ticket", await ticket()) };
  return {};
}

/** Makes a socket that is on its way. Throws WT_OPTION_INVALID if the environment forbids it. */
export function openSocket(options: ResolvedClientOptions, opening: Opening): WebSocketLike {
  const { token, ...query } = opening;
  const url = new URL(options.url);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const WebSocket = options.webSocket as unknown as Construct;
  try {
    if (token === undefined) return new WebSocket(url.href);
    return new WebSocket(url.href, { headers: { authorization: `Bearer ${token}` } });
  } catch (cause) {
    throw invalidOption(
      "webSocket",
      `able to open \`url\`${token === undefined ? "" : " with a header; in a browser pass `ticket` instead of `token`"}. Look at the cause`,
      { cause },
    );
  }
}

function text(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalidOption(name, `a function that answers a text, got ${typeof value}`);
}
