import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "npx next start", ready: "/notes", readyTimeoutMs: 30_000 },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const text = user.canary("draft");
    const kept = await user.fetch("/notes", { method: "POST", json: { text } });
    await user.expectOwn(kept, "draft");
    await user.fetch("/notes");
  },
});
