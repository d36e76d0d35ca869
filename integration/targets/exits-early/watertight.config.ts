import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  async scenario() {},
});
