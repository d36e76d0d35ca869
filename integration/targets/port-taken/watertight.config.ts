import { defineConfig } from "watertight";

export default defineConfig({
  // oxlint-disable-next-line node/no-process-env -- the test says which port it has taken
  target: { command: "node ../echo/server.js", url: String(process.env["TAKEN_URL"]) },
  async scenario() {},
});
