// A program of its own: serves the factories of one module to real sockets, so that a module of
// components is tested exactly as a server is. Usage: node main.js <module>, port in PORT.
import { createServer, type IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { loadModule } from "../load-module.ts";
import { type Components, type ComponentUser, findComponents } from "./components.ts";
import { HostedUser } from "./hosted-user.ts";

const USER_HEADER = "x-watertight-user";
const TENANT_HEADER = "x-watertight-tenant";
/** Close codes of RFC 6455, section 7.4.1, and its registry. */
const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;

async function main(path: string): Promise<void> {
  const components = findComponents(await loadModule(path));
  const host = new ComponentHost(components);
  const server = createServer((_request, response) => response.end("ok"));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, request) => void host.serve(socket, request));
  server.listen(Number(process.env["PORT"]), "127.0.0.1");
}

/** The table of users; the only thing here that knows more than one of them. */
class ComponentHost {
  readonly #components: Components;
  readonly #users = new Map<string, HostedUser>();
  /** Held until their disposal has finished: one that never does is found in the heap. */
  readonly #leaving = new Set<HostedUser>();

  constructor(components: Components) {
    this.#components = components;
  }

  async serve(socket: WebSocket, request: IncomingMessage): Promise<void> {
    const identity = identify(request);
    if (identity === undefined) return socket.close(POLICY_VIOLATION, `no ${USER_HEADER} header`);
    const key = JSON.stringify([identity.tenantId, identity.userId]);
    const user = this.#users.get(key) ?? new HostedUser(identity, this.#components);
    this.#users.set(key, user);
    socket.on("message", (data: Buffer) => {
      user.receive(socket, data.toString("utf8")).catch((error: unknown) => {
        console.error(error);
        socket.close(INTERNAL_ERROR, "the module under test threw");
      });
    });
    socket.once("close", () => {
      user.disconnect(socket);
      this.#release(key, user).catch((error: unknown) => console.error(error));
    });
    // A socket that the module refuses must not end the others.
    await user.connect(socket).catch((error: unknown) => {
      console.error(error);
      socket.close(TRY_AGAIN_LATER, "refused by the module under test");
    });
  }

  /** A disconnect never kills a run: the parts live until the last run is over. */
  async #release(key: string, user: HostedUser): Promise<void> {
    await user.settled();
    if (!user.isIdle || this.#users.get(key) !== user) return;
    this.#users.delete(key);
    this.#leaving.add(user);
    await user.dispose();
    this.#leaving.delete(user);
  }
}

function identify(request: IncomingMessage): ComponentUser | undefined {
  const userId = request.headers[USER_HEADER];
  if (typeof userId !== "string") return undefined;
  return { tenantId: String(request.headers[TENANT_HEADER] ?? "default"), userId };
}

await main(process.argv[2] ?? "");
