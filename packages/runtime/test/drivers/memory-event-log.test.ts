import { describeEventLog } from "../conformance/event-log.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";

describeEventLog("memory", () => ({
  open: createMemoryEventLog,
  outlives: false,
  async [Symbol.asyncDispose]() {},
}));
