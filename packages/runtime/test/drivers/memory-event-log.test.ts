import { describeEventLog } from "../conformance/event-log.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { LogPlace } from "../conformance/log-bench.ts";

const createPlace = (): LogPlace => ({
  open: createMemoryEventLog,
  outlives: false,
  async [Symbol.asyncDispose]() {},
});

describeEventLog("memory", createPlace, true);
