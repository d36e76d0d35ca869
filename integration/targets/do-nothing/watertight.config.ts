import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  agents: { answers: { agent: "any" }, deathWithinMs: 1000 },
  patienceMs: 1000,
});
