import type { UserSessionManager } from "../session/user-session-manager.ts";
import type { Admission } from "./admission.ts";
import { sendJson } from "./answer.ts";
import { HttpRefusal, notAdmitted } from "./http-refusal.ts";
import type { Route } from "./route-table.ts";

/**
 * `POST /tickets`: gives who proved to be somebody a ticket, with which a browser's WebSocket or
 * EventSource, which can send no header, gets in once as the same user, soon; with `?session=` for
 * that session of the user alone.
 */
export function createTicketRoute(admission: Admission, sessions: UserSessionManager): Route {
  return {
    method: "POST",
    path: "/tickets",
    isCrossOrigin: true,
    handle: async ({ request, response, url }) => {
      // A ticket makes no tickets: it would never end.
      if (url.searchParams.has("ticket")) throw notAdmitted([401, "Unauthorized"]);
      const guest = await admission.admit(request);
      if (!("user" in guest)) throw notAdmitted(guest);
      const { user, expiresAt, scopes } = guest;
      const sessionId = url.searchParams.get("session");
      const issued = await sessions.issueTicket(user, {
        ...(expiresAt === Number.POSITIVE_INFINITY ? {} : { expiresAt }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(sessionId === null ? {} : { sessionId }),
      });
      if (issued === undefined)
        throw new HttpRefusal("SESSION_UNKNOWN", "Expected a session of yours.");
      sendJson(response, 201, issued);
    },
  };
}
