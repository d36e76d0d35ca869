import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Runtime } from "@watertight/runtime";

/** A server that is up. */
export interface Mounted {
  /** Without a slash at the end. */
  readonly url: string;
  /** The runtime first, so that its sockets are told why; then the server. */
  close(): Promise<void>;
}

/** Answers one request of `node:http`. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Gives `listener` the requests under `prefix`, which it does not see, and `otherwise` the rest. It
 * stands before a framework, so nothing of it has touched the body.
 */
export function underPrefix(prefix: string, listener: Listener, otherwise: Listener): Listener {
  return (request, response) => {
    const { url = "/" } = request;
    const rest = url.slice(prefix.length);
    if (!url.startsWith(prefix) || !/^(?:$|[/?])/.test(rest)) return otherwise(request, response);
    request.url = rest.startsWith("/") ? rest : `/${rest}`;
    listener(request, response);
  };
}

/** Listens on this machine only, and says where. */
export async function listen(server: Server, port: number, runtime: Runtime): Promise<Mounted> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url: urlOf(server),
    close: async () => {
      await runtime.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where a server listens. */
export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
