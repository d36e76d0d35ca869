// Starts the server that the command line names: node dist/run.js express
import type { Mounted } from "./mounted.ts";

const servers: Readonly<Record<string, () => Promise<(port: number) => Promise<Mounted>>>> = {
  "node-http": async () => (await import("./node-http.ts")).startNodeHttp,
  express: async () => (await import("./express.ts")).startExpress,
  fastify: async () => (await import("./fastify.ts")).startFastify,
  hono: async () => (await import("./hono.ts")).startHono,
  nest: async () => (await import("./nest.ts")).startNest,
};

const [, , name = "node-http"] = process.argv;
const load = Object.hasOwn(servers, name) ? servers[name] : undefined;
if (load === undefined) {
  console.error(`Expected one of ${Object.keys(servers).join(", ")}, got ${name}`);
  process.exit(2);
}
const start = await load();
const mounted = await start(Number(process.env["PORT"] ?? 8080));
console.log(`Their own   POST ${mounted.url}/team/greet`);
console.log(`Agents      POST ${mounted.url}/agents/agui/echo`);
console.log(`Sockets     ${mounted.url.replace("http", "ws")}/agents/ws`);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void mounted.close());
}
