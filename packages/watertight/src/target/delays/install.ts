import { delayApis } from "./api-delays.ts";
import { delayAwaits } from "./await-delays.ts";
import { type DelayCoverage, Delayer, type DelaySettings } from "./delayer.ts";
import { FILE_FUNCTION } from "./instrument.ts";
import { instrumentModules } from "./module-hooks.ts";

/**
 * Delays this process from now on, as `settings` say. Answers a function that tells how much of the
 * application could be prepared so far.
 */
export function installDelays(settings: DelaySettings): () => DelayCoverage {
  const setTimer = globalThis.setTimeout;
  const delayer = new Delayer(settings);
  const files = new Set<string>();
  const failed = new Set<string>();
  Object.defineProperty(globalThis, FILE_FUNCTION, {
    value: (file: string, isSound: boolean) => void (isSound ? files : failed).add(file),
  });
  delayAwaits(delayer, setTimer);
  delayApis(delayer, setTimer);
  instrumentModules();
  return () => ({ files: files.size, failed: [...failed] });
}
