import { createServer } from "node:http";
import express from "express";
import { listen, type Mounted } from "./mounted.ts";
import { createTeamRuntime, PREFIX } from "./team-runtime.ts";

/** Express: the runtime is middleware under a prefix, before any that reads bodies. */
export async function startExpress(port: number): Promise<Mounted> {
  const runtime = createTeamRuntime();
  const app = express();
  app.use(PREFIX, runtime.requestListener);
  app.use(express.json());
  app.post("/team/greet", (request, response) => {
    response.json({ hello: (request.body as { name: string }).name });
  });
  const server = createServer(app).on("upgrade", runtime.upgradeHandler);
  return listen(server, port, runtime);
}
