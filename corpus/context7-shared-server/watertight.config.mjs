import { defineConfig, openMcp } from "watertight";

export default defineConfig({
  target: { command: "node server.mjs", ready: "/ping" },
  users: 12,
  patienceMs: 2000,
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const assistant = await openMcp(user, "/mcp");
    const question = { query: "How do I begin?", libraryName: "handbook" };
    await assistant.callTool("resolve-library-id", question);
  },
});
