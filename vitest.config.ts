import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Most of what takes time here waits for servers.
    maxWorkers: 2,
    projects: [
      { test: { name: "runtime", include: ["packages/runtime/test/**/*.test.ts"] } },
      { test: { name: "watertight", include: ["packages/watertight/test/**/*.test.ts"] } },
      { test: { name: "examples", include: ["examples/*/test/**/*.test.ts"] } },
      {
        test: {
          name: "integration",
          include: ["integration/test/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
