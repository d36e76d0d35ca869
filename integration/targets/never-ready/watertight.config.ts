import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js", readyTimeoutMs: 1500 },
  async scenario() {},
});
