import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node ../chatty-agents/server.js", env: { TRUST_SESSIONS: "1" } },
  signIn: (user) => ({ headers: { user: user.id } }),
  agents: { answers: { agent: "answers" }, slow: { agent: "slow" } },
  only: ["1.2"],
});
