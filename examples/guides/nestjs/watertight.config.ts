import { defineConfig } from "watertight";

export default defineConfig({
  target: {
    command: `node --import tsx ${process.env["SERVER"] ?? "server.leaky.ts"}`,
    ready: { port: true },
  },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const dish = user.canary("dish");
    const ordered = await user.fetch("/orders", { method: "POST", json: { dish } });
    await user.expectOwn(ordered, "dish");
    await user.fetch("/orders");
  },
});
