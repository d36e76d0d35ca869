import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js", env: { NODE_OPTIONS: "--no-warnings" } },
  signIn: (user) => ({ headers: { user: user.id } }),
  agents: { answers: { agent: "answers" } },
  classes: { manager: "Desk" },
  only: ["3.1"],
});
