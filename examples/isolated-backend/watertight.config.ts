import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { defineConfig } from "watertight";

const secret = "a secret for tests, at least 32 bytes";

export default defineConfig({
  target: {
    command: "node dist/server.js",
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    ready: "/healthz",
    env: {
      JWT_SECRET: secret,
      AGENT_PROGRESS_TIMEOUT_MS: "1000",
      SESSION_IDLE_MS: "1500",
      MAX_CONNECTIONS: "20000",
    },
  },
  signIn: (user) => ({ headers: { authorization: `Bearer ${signToken(user.id)}` } }),
  agents: {
    webSocket: "/ws",
    answers: { agent: "researcher", prompt: "What do the bulkheads do? Note: {canary}" },
    slow: { agent: "slow", forwardedProps: { stepMs: 400 } },
    dies: { agent: "flaky", forwardedProps: { ending: "hang" } },
    deathWithinMs: 2500,
  },
  patienceMs: 3000,
});

/** A JSON Web Token (RFC 7519) signed with HS256, as the server expects it. */
function signToken(userId: string): string {
  const head = encode({ alg: "HS256", typ: "JWT" });
  const body = encode({ sub: userId, exp: Math.floor(Date.now() / 1000) + 3600 });
  const signature = createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url");
  return `${head}.${body}.${signature}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
