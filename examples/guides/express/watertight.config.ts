import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: `node ${process.env["SERVER"] ?? "server.leaky.mjs"}` },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const found = await user.fetch(`/search?q=${user.canary("words")}`);
    await user.expectOwn(found, "words");
    await user.fetch("/account");
  },
});
