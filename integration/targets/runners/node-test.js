// The suite as tests of node:test; the test that runs this says against what.
import { isolationSuite } from "watertight/node-test";

isolationSuite(`integration/targets/${process.env.RUNNERS_TARGET}`, {
  users: 4,
  seed: 7,
  timeoutMs: Number(process.env.RUNNERS_TIMEOUT_MS),
});
