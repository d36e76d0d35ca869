import { afterAll, describe, test } from "vitest";
import { framesAbove } from "../laws/assertion.ts";
import {
  createIsolationTests,
  type IsolationSuiteOptions,
  STOP_TIMEOUT_MS,
} from "./isolation-tests.ts";

export type { IsolationSuiteOptions } from "./isolation-tests.ts";

/**
 * Registers the checks of the suite as tests of Vitest: a `describe` for each category, a test for
 * each check. `target` is what `npx watertight check` takes, from the folder that the runner was
 * started in, or a file: URL. A finding fails its test, and so does a check that proves nothing.
 */
export function isolationSuite(target: string | URL, options: IsolationSuiteOptions = {}): void {
  const { title, groups, timeoutMs, stop } = createIsolationTests(
    target,
    options,
    framesAbove(isolationSuite),
  );
  // In any other order a check would be asked for after the run has passed it.
  describe(title, { shuffle: false, concurrent: false }, () => {
    afterAll(stop, STOP_TIMEOUT_MS);
    for (const group of groups) {
      describe(group.title, () => {
        for (const { title, make } of group.tests) {
          test(title, { timeout: timeoutMs }, async (context) => {
            const leftOut = await make(context.signal);
            if (leftOut !== undefined) context.skip(leftOut);
          });
        }
      });
    }
  });
}
