import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  async scenario(user) {
    for (let visit = 0; visit < 4; visit += 1) {
      await user.fetch(`/me?motto=${user.canary("motto")}`);
    }
  },
});
