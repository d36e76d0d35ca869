import { expect, it } from "vitest";
import { findRoutes } from "../../src/init/find-routes.ts";
import { readCode } from "../../src/init/read-code.ts";

/** `GET /path`, each with the fields that it reads, of a program of some files. */
function routesOf(
  files: Readonly<Record<string, string>>,
  dependencies: readonly string[] = [],
): string[] {
  const readings = Object.entries(files).flatMap(([path, text]) => readCode({ path, text }) ?? []);
  expect(readings).toHaveLength(Object.keys(files).length);
  return findRoutes(readings, new Set(dependencies)).map(({ method, path, fields }) =>
    [method, path, ...fields].join(" "),
  );
}

it("sees routes of Express, where their routers hang, in other files as well", () => {
  const server = `
    const express = require("express");
    const notes = require("./routes/notes");
    const app = express();
    app.use(express.json());
    app.get("/", (request, response) => response.end());
    app.use("/api", requireUser, notes);
    const admin = express.Router();
    admin.post("/users", create);
    app.use("/admin", admin);`;
  const notes = `
    const { Router } = require("express");
    const router = Router();
    router.route("/notes").get(list).post(({ body: { text } }, response) => response.end());
    router.delete("/notes/:id", remove);
    module.exports = router;`;

  expect(routesOf({ "server.js": server, "routes/notes.js": notes })).toEqual([
    "GET /",
    "POST /admin/users",
    "POST /api/notes text",
    "GET /api/notes",
    "DELETE /api/notes/:id",
  ]);
});

it("takes nothing else that has such a method for a route", () => {
  const code = `
    const app = express();
    app.get("title");
    app.get("/settings", "light");
    cache.get("/me", fallback);
    await axios.post("/orders", order);
    headers.get("authorization");`;

  expect(routesOf({ "server.js": code })).toEqual([]);
});

it("sees routes of Fastify, as calls, as descriptions, and in plugins", () => {
  const server = `
    import Fastify from "fastify";
    import orders from "./orders.js";
    const fastify = Fastify();
    fastify.get("/me", { schema }, async () => ({}));
    fastify.route({ method: ["PUT", "PATCH"], url: "/me", handler: async ({ body }) => body.name });
    await fastify.register(orders, { prefix: "/orders" });`;
  const orders = `
    export default async function orders(fastify) {
      fastify.post<Body>("/", async (request) => {
        const { dish, table = 1 } = request.body as Body;
        return dish;
      });
    }`;

  expect(routesOf({ "server.ts": server, "orders.ts": orders })).toEqual([
    "GET /me",
    "PUT /me name",
    "PATCH /me name",
    "POST /orders dish table",
  ]);
});

it("sees routes of Hono, with a base path and under others", () => {
  const code = `
    const notes = new Hono();
    notes.get("/", (c) => c.json([])).post("/", async (c) => {
      const { text } = await c.req.json();
      return c.json({ text });
    });
    const app = new Hono().basePath("/api");
    app.route("/notes", notes);
    export default app;`;

  expect(routesOf({ "src/index.ts": code })).toEqual(["POST /api/notes text", "GET /api/notes"]);
});

it("sees controllers of NestJS behind the prefix of all", () => {
  const main = `const app = await NestFactory.create(Shop); app.setGlobalPrefix("v1");`;
  const orders = `
    @Controller("orders")
    export class Orders {
      @Get() list() {}
      @Get(":id") one(@Param("id") id: string) {}
      @Post("urgent") create(@Body("dish") dish: string, @Body() { table }: Order) {}
    }`;

  expect(routesOf({ "main.ts": main, "orders.controller.ts": orders })).toEqual([
    "GET /v1/orders",
    "GET /v1/orders/:id",
    "POST /v1/orders/urgent dish table",
  ]);
});

it("sees files that are routes, of the frameworks that a project has", () => {
  const files = {
    "app/(shop)/notes/[id]/route.ts": `
      export async function POST(request: Request) { const note = await request.json(); return keep(note.text); }
      export const GET = () => Response.json({});`,
    "app/account/page.tsx": "export default function Account() { return <p />; }",
    "src/routes/basket/+server.ts": "export const GET = () => json({});",
  };

  expect(routesOf(files, ["next"])).toEqual([
    "GET /notes/:id",
    "POST /notes/:id text",
    "GET /account",
  ]);
  expect(routesOf(files, ["@sveltejs/kit"])).toEqual(["GET /basket"]);
});

it("ends where routers hang on each other", () => {
  const code = `
    const a = Router(), b = Router();
    a.use("/a", b); b.use("/b", a); a.get("/x", handler);`;

  expect(routesOf({ "loop.js": code })).toHaveLength(1);
});
