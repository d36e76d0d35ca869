import { defineConfig, openMcp } from "watertight";

export default defineConfig({
  target: { command: "node server.mjs", ready: "/healthz" },
  users: 12,
  patienceMs: 2000,
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const assistant = await openMcp(user, "/mcp");
    await assistant.callTool("write_report", { topic: user.canary("topic") });
  },
});
