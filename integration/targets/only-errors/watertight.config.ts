import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  patienceMs: 1000,
  only: ["1.1", "2.1"],
  async scenario(user) {
    await user.fetch(`/me?motto=${user.canary("motto")}`);
  },
});
