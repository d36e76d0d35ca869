import { defineConfig, openMcp } from "watertight";

export default defineConfig({
  target: {
    command: `node ${process.env["SERVER"] ?? "server.leaky.mjs"}`,
    ready: { port: true },
  },
  async scenario(user) {
    const session = await openMcp(user, "/mcp");
    await session.callTool("remember", { text: user.canary("thought") });
    await session.callTool("recall");
  },
});
