import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: `node ${process.env["SERVER"] ?? "server.leaky.mjs"}` },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const words = user.canary("words");
    const found = await user.fetch("/searches", { method: "POST", json: { words } });
    await user.expectOwn(found, "words");
    await user.fetch("/settings");
  },
});
