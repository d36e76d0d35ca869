import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createUserContext, type UserContext } from "../context/user-context.ts";
import { isId } from "../internal/is-id.ts";
import type { MetricsExporter } from "../metrics/exporter.ts";
import type { HealthReport } from "../metrics/monitorable.ts";
import { sendEmpty, sendJson } from "./answer.ts";
import { HttpRefusal } from "./http-refusal.ts";
import type { Exchange, Route } from "./route-table.ts";
import type { UserAdmin } from "./user-admin.ts";

/** What an operator's routes need; resolved by `createRuntime`. */
export interface OperatorOptions {
  readonly isReady: () => boolean;
  readonly health: () => HealthReport;
  readonly exporter: MetricsExporter;
  readonly admin: UserAdmin;
  readonly authorizeOperator: (request: IncomingMessage) => boolean | Promise<boolean>;
}

/**
 * The routes of who runs the server: `/readyz`, `/metrics` and `/alarms`, which name no user, and for
 * operators `/admin/users/:tenant/:user`, on which GET inspects, DELETE erases, and `/drain` and
 * `/export` do that.
 */
export function createOperatorRoutes(options: OperatorOptions): readonly Route[] {
  const { isReady, health, exporter, admin, authorizeOperator } = options;
  const open = (method: Route["method"], path: string, handle: Route["handle"]): Route => {
    return { method, path, isCrossOrigin: false, handle };
  };
  const guarded = (method: Route["method"], path: string, handle: Route["handle"]): Route => {
    return open(method, `/admin/users/:tenantId/:userId${path}`, async (exchange) => {
      // To anybody else, there is nothing here.
      if ((await authorizeOperator(exchange.request)) !== true) {
        throw new HttpRefusal("NOT_FOUND", "Nothing is at this path.");
      }
      await handle(exchange);
    });
  };
  return Object.freeze([
    open("GET", "/readyz", ({ response }) => {
      sendJson(response, isReady() ? 200 : 503, { status: isReady() ? "ready" : "closing" });
    }),
    open("GET", "/alarms", ({ response }) => sendJson(response, 200, health())),
    open("GET", "/metrics", async ({ response }) => {
      const text = await exporter.render();
      response.writeHead(200, { "content-type": exporter.contentType }).end(text);
    }),
    guarded("GET", "", async (exchange) => {
      sendJson(exchange.response, 200, await admin.inspect(userOf(exchange)));
    }),
    guarded("DELETE", "", async (exchange) => {
      await admin.erase(userOf(exchange));
      sendEmpty(exchange.response, 204);
    }),
    guarded("POST", "/drain", async (exchange) => {
      await admin.drain(userOf(exchange));
      sendEmpty(exchange.response, 204);
    }),
    guarded("GET", "/export", async (exchange) => {
      const { response } = exchange;
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      for await (const record of admin.export(userOf(exchange))) {
        if (!(await write(response, `${JSON.stringify(record)}\n`))) return;
      }
      response.end();
    }),
  ]);
}

/** What can't be anybody's id is nobody. */
function userOf({ params }: Exchange): UserContext {
  const { tenantId, userId } = params;
  if (isId(tenantId) && isId(userId)) return createUserContext({ tenantId, userId });
  throw new HttpRefusal("NOT_FOUND", "Nothing is at this path.");
}

/** Waits for a reader that is slow; `false` if it has left. */
async function write(response: ServerResponse, line: string): Promise<boolean> {
  if (response.write(line)) return true;
  if (response.destroyed) return false;
  await Promise.race([once(response, "drain"), once(response, "close")]);
  return !response.destroyed;
}
