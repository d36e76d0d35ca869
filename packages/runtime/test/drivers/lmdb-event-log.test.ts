import { describeEventLog } from "../conformance/event-log.ts";
import { createLmdbEventLog } from "../../src/drivers/lmdb/lmdb-event-log.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describeEventLog("lmdb", () => {
  const folder = new TemporaryFolder("fast");
  return {
    open: (options) => createLmdbEventLog({ folder: folder.path, ...options }),
    outlives: true,
    async [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
    },
  };
});
