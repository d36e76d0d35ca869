import { broadcastToAll } from "./gallery/broadcast-to-all.ts";
import { cleanupThatHangs } from "./gallery/cleanup-that-hangs.ts";
import { duplicate } from "./gallery/duplicate.ts";
import { globalLock } from "./gallery/global-lock.ts";
import { lateLeak } from "./gallery/late-leak.ts";
import { leakThroughErrors } from "./gallery/leak-through-errors.ts";
import { lossOfOnePercent } from "./gallery/loss-of-one-percent.ts";
import { oneKilobyteAConnection } from "./gallery/one-kilobyte-a-connection.ts";
import { oneSharedSingleton } from "./gallery/one-shared-singleton.ts";
import { reorder } from "./gallery/reorder.ts";
import { swapTwoUsers } from "./gallery/swap-two-users.ts";
import { timerDrivenHeartbeat } from "./gallery/timer-driven-heartbeat.ts";
import type { Mutant } from "./mutant.ts";

/** Every mutant, in the order of the matrix. */
export const GALLERY: readonly Mutant[] = Object.freeze([
  oneSharedSingleton,
  broadcastToAll,
  swapTwoUsers,
  lateLeak,
  leakThroughErrors,
  lossOfOnePercent,
  duplicate,
  reorder,
  globalLock,
  oneKilobyteAConnection,
  cleanupThatHangs,
  timerDrivenHeartbeat,
]);
