import type { UserContext } from "../context/user-context.ts";
import type { Agent } from "../execution/agent.ts";
import type { OnError } from "../internal/on-error.ts";
import type { ReadyFrame } from "../protocol/frames.ts";
import type { Admission, Guest } from "./admission.ts";
import { AguiEndpoint } from "./agui-endpoint.ts";
import { sendEmpty } from "./answer.ts";
import type { EventStreams } from "./event-streams.ts";
import { EventsEndpoint, runUnknown } from "./events-endpoint.ts";
import { logUnavailable, notAdmitted } from "./http-refusal.ts";
import type { ResidentUsers } from "./resident-users.ts";
import type { Exchange, Route } from "./route-table.ts";

/** What the users' routes need; resolved by `createRuntime`. */
export interface UserRoutesOptions extends Pick<ReadyFrame, "heartbeatMs" | "limits"> {
  readonly admission: Admission;
  readonly agents: Readonly<Record<string, Agent>>;
  readonly residents: ResidentUsers;
  /** There are other nodes: who is not here may be there. */
  readonly isShared: boolean;
  readonly streams: EventStreams;
  readonly onError: OnError;
}

/** How long the body of a request may take to come. */
const BODY_TIMEOUT_MS = 10_000;

/** Makes the routes of users: runs over HTTP, and their events. */
export function createUserRoutes(options: UserRoutesOptions): readonly Route[] {
  const { admission } = options;
  const { maxFrameBytes, maxMessagesPerSecond } = options.limits;
  const body = Object.freeze({ maxBytes: maxFrameBytes, timeoutMs: BODY_TIMEOUT_MS });
  const agui = new AguiEndpoint({ ...options, body });
  const told = Object.freeze({ maxFrameBytes, maxMessagesPerSecond });
  const events = new EventsEndpoint({ ...options, limits: told });
  return [
    forUsers(admission, "POST", "/agui/:agent", (exchange, guest) => agui.handle(exchange, guest)),
    forUsers(admission, "GET", "/events", (exchange, guest) => events.handleUser(exchange, guest)),
    forUsers(admission, "GET", "/runs/:runId/events", (exchange, guest) =>
      events.handleRun(exchange, guest),
    ),
    forUsers(admission, "POST", "/runs/:runId/cancel", async ({ response, params }, { user }) => {
      if (!(await cancelRun(options, user, params["runId"] ?? ""))) throw runUnknown();
      sendEmpty(response, 202);
    }),
  ];
}

/** With other nodes, a user who is not here is let in for as long as it takes to look. */
async function cancelRun(
  { residents, isShared }: Pick<UserRoutesOptions, "residents" | "isShared">,
  user: UserContext,
  runId: string,
): Promise<boolean> {
  if (!isShared) return residents.get(user)?.cancel(runId) === true;
  const resident = residents.enter(user);
  try {
    await resident.ready;
    await resident.stream.refresh();
    return resident.cancel(runId);
  } catch (error) {
    throw logUnavailable(error);
  } finally {
    await resident.stream.settled();
    residents.release(user.key);
  }
}

/** A route that only those get to who are proved to be a user. */
function forUsers(
  admission: Admission,
  method: Route["method"],
  path: string,
  handle: (exchange: Exchange, guest: Guest) => void | Promise<void>,
): Route {
  return Object.freeze({
    method,
    path,
    isCrossOrigin: true,
    handle: async (exchange: Exchange) => {
      const guest = await admission.admit(exchange.request);
      if (!("user" in guest)) throw notAdmitted(guest);
      await handle(exchange, guest);
    },
  });
}
