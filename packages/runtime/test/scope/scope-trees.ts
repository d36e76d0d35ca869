import { createRequestContext, type RequestContext } from "../../src/context/request-context.ts";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { createAppScope, type Scope, type ScopeOptions } from "../../src/scope/scope.ts";

/** One user with one session, and in it one connection and one run. */
export interface UserTree {
  readonly context: UserContext;
  readonly request: RequestContext;
  readonly user: Scope<"user">;
  readonly session: Scope<"session">;
  readonly connection: Scope<"connection">;
  readonly run: Scope<"run">;
}

export function createApp(
  container: NonNullable<ScopeOptions["container"]>,
  disposeTimeoutMs = 5000,
): Scope<"app"> {
  return createAppScope({ container, disposeTimeoutMs });
}

export function openUser(app: Scope<"app">, userId: string): UserTree {
  const context = createUserContext({ userId });
  const request = createRequestContext(context, { threadId: "thread", runId: "run" });
  const user = app.createChild("user", context.key, context);
  const session = user.createChild("session", "session");
  const connection = session.createChild("connection", "connection");
  return {
    context,
    request,
    user,
    session,
    connection,
    run: session.createChild("run", "run", request),
  };
}

/** What a test throws types away with, as code does that gets its container from elsewhere. */
export type Untyped = Readonly<Record<string, unknown>>;

/** What `act` throws, of whatever kind. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
