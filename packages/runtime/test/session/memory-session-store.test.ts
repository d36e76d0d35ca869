import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import { describeSessionStore } from "../conformance/session-store.ts";

describeSessionStore("memory", async () => createMemorySessionStore());
