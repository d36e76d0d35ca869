import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node build/index.js" },
  users: 12,
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    await user.fetch("/prices?article=teapot");
  },
});
