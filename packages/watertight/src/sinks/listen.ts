import type { AddressInfo, Server } from "node:net";

export const HOST = "127.0.0.1";

/** Lets a server listen on a free port of this machine, and answers the port. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
