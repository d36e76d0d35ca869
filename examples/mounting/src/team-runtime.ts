import { randomUUID } from "node:crypto";
import {
  type Agent,
  createJwtAuthenticator,
  createRuntime,
  type Runtime,
} from "@watertight/runtime";

/** Signs tokens on a developer's machine. Everybody can read it here, so it protects nothing. */
export const DEVELOPMENT_SECRET = "for development only: anybody can sign with this";

/** Where the runtime is mounted. Its paths begin after it, but for that of its sockets. */
export const PREFIX = "/agents";

const echo: Agent = async function* ({ messages }, { user }) {
  const messageId = randomUUID();
  const { content } = messages.at(-1) ?? {};
  const said = typeof content === "string" ? content : "nothing";
  yield { type: "TEXT_MESSAGE_START", messageId, role: "assistant" };
  yield {
    type: "TEXT_MESSAGE_CONTENT",
    messageId,
    delta: `${user.userId} said: ${said}`,
  };
  yield { type: "TEXT_MESSAGE_END", messageId };
};

/** The runtime that each of the servers mounts. */
export function createTeamRuntime(): Runtime {
  return createRuntime({
    authenticate: createJwtAuthenticator({
      secret: process.env["JWT_SECRET"] ?? DEVELOPMENT_SECRET,
    }),
    agents: { echo },
    // An upgrade keeps its whole path, whatever a framework does to that of requests.
    path: `${PREFIX}/ws`,
    onError: (error, { stage }) => console.error(`${stage}:`, error),
  });
}
