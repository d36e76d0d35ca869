import { connect, createServer } from "node:net";
import type { Place } from "./fill-in.ts";

/** Finds a TCP port of 127.0.0.1 that is free now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The host and port of an address. */
export function placeOf(url: string): Place {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return { url, host, port: Number(port || (protocol === "https:" ? 443 : 80)) };
}

/** Says whether somebody accepts connections at `host` and `port`. */
export function isPortTaken({ host, port }: Pick<Place, "host" | "port">): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.setTimeout(1000, () => answer(false));
  });
}
