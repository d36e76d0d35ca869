import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { listen, type Mounted, underPrefix } from "./mounted.ts";
import { createTeamRuntime, PREFIX } from "./team-runtime.ts";

/** Hono on Node: its listener takes what is not the runtime's. */
export async function startHono(port: number): Promise<Mounted> {
  const runtime = createTeamRuntime();
  const app = new Hono();
  app.post("/team/greet", async (context) => {
    const { name } = await context.req.json<{ name: string }>();
    return context.json({ hello: name });
  });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(
    underPrefix(PREFIX, runtime.requestListener, (request, response) => {
      void answer(request, response);
    }),
  );
  server.on("upgrade", runtime.upgradeHandler);
  return listen(server, port, runtime);
}
