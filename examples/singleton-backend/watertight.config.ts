import { fileURLToPath } from "node:url";
import { defineConfig } from "watertight";
import isolated from "../isolated-backend/watertight.config.ts";

// The same wire, the same agents, the same questions: only the server differs.
export default defineConfig({
  ...isolated,
  target: { ...isolated.target, cwd: fileURLToPath(new URL(".", import.meta.url)) },
});
