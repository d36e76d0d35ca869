import { defineConfig } from "watertight";

export default defineConfig({
  // oxlint-disable-next-line node/no-process-env -- the test says which kind of server it is
  target: { command: String(process.env["COMMAND"]) },
  only: ["2.1"],
  async scenario(user) {
    await user.fetch(`/?motto=${user.canary("motto")}`);
  },
});
