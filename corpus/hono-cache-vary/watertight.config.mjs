import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.mjs", ready: "/healthz" },
  users: 12,
  async signIn(user) {
    await user.fetch("/login", { method: "POST", form: { name: user.id } });
  },
  async scenario(user) {
    await user.fetch("/membership");
  },
});
