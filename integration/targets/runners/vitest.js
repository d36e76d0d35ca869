// The suite as tests of Vitest; the test that runs this says against what.
import { isolationSuite } from "watertight/vitest";

isolationSuite(new URL(`../${process.env.RUNNERS_TARGET}`, import.meta.url), {
  users: 4,
  seed: 7,
  timeoutMs: Number(process.env.RUNNERS_TIMEOUT_MS),
});
