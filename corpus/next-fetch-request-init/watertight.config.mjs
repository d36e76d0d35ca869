import { defineConfig } from "watertight";

export default defineConfig({
  target: {
    command: "node node_modules/next/dist/bin/next start",
    beside: [{ name: "members", command: "node members.mjs" }],
    env: { MEMBERS_API: "{members.url}" },
    readyTimeoutMs: 60_000,
  },
  users: 12,
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    await user.fetch("/profile");
  },
});
