import { createServer } from "node:http";
import { fastify } from "fastify";
import { type Mounted, underPrefix, urlOf } from "./mounted.ts";
import { createTeamRuntime, PREFIX } from "./team-runtime.ts";

/** Fastify: `serverFactory` lets the runtime stand before it, so its body parsers see their own bodies only. */
export async function startFastify(port: number): Promise<Mounted> {
  const runtime = createTeamRuntime();
  const app = fastify({
    serverFactory: (handler) => createServer(underPrefix(PREFIX, runtime.requestListener, handler)),
  });
  app.post("/team/greet", async ({ body }) => ({ hello: (body as { name: string }).name }));
  app.server.on("upgrade", runtime.upgradeHandler);
  await app.listen({ port, host: "127.0.0.1" });
  return {
    url: urlOf(app.server),
    close: async () => {
      await runtime.close();
      await app.close();
    },
  };
}
