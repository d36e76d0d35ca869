import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { listen, type Listener, type Mounted, underPrefix } from "./mounted.ts";
import { createTeamRuntime, PREFIX } from "./team-runtime.ts";

const greet: Listener = (request, response) => {
  if (request.method !== "POST" || request.url !== "/team/greet") {
    return void response.writeHead(404).end();
  }
  void json(request).then(
    (body) => response.end(JSON.stringify({ hello: (body as { name: string }).name })),
    () => response.writeHead(400).end(),
  );
};

/** Plain `node:http`: one look at the path says whose request it is. */
export async function startNodeHttp(port: number): Promise<Mounted> {
  const runtime = createTeamRuntime();
  const server = createServer(underPrefix(PREFIX, runtime.requestListener, greet));
  server.on("upgrade", runtime.upgradeHandler);
  return listen(server, port, runtime);
}
