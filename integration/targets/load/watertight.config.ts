import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { user: user.id } }),
  agents: { answers: { agent: "answers" } },
});
