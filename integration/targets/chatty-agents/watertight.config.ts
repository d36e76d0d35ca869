import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { user: user.id } }),
  agents: { answers: { agent: "answers" }, slow: { agent: "slow" } },
  only: ["1.1", "1.2"],
});
