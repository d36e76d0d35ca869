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
import { oneUserForAllTokens } from "./gallery/one-user-for-all-tokens.ts";
import { userOfTheLastHandshake } from "./gallery/user-of-the-last-handshake.ts";
import { contextFallsBackToASharedOne } from "./gallery/context-falls-back-to-a-shared-one.ts";
import { deafAfterReconnecting } from "./gallery/deaf-after-reconnecting.ts";
import { runThatEndsWithItsSocket } from "./gallery/run-that-ends-with-its-socket.ts";
import { threadWithoutItsOwner } from "./gallery/thread-without-its-owner.ts";
import { lastEventForTheNext } from "./gallery/last-event-for-the-next.ts";
import { startedTwice } from "./gallery/started-twice.ts";
import { repeatedStart } from "./gallery/repeated-start.ts";
import { cancelByIdAlone } from "./gallery/cancel-by-id-alone.ts";
import { sessionOfWhoeverNamesIt } from "./gallery/session-of-whoever-names-it.ts";
import { onlyTheFirstDevice } from "./gallery/only-the-first-device.ts";
import { onlyTheLatestDevice } from "./gallery/only-the-latest-device.ts";
import { deviceThatReplacesAnother } from "./gallery/device-that-replaces-another.ts";
import { cacheWithoutItsOwner } from "./gallery/cache-without-its-owner.ts";
import { oneListOfOpenItems } from "./gallery/one-list-of-open-items.ts";
import { endThatJumpsTheQueue } from "./gallery/end-that-jumps-the-queue.ts";
import { oneErrorFrameForAll } from "./gallery/one-error-frame-for-all.ts";
import { leakThroughMetrics } from "./gallery/leak-through-metrics.ts";
import { leakThroughAHelpfulRefusal } from "./gallery/leak-through-a-helpful-refusal.ts";
import { oneQuotaForAll } from "./gallery/one-quota-for-all.ts";
import { deathToldToEverybody } from "./gallery/death-told-to-everybody.ts";
import { deathToldToNobody } from "./gallery/death-told-to-nobody.ts";
import { deathToldTwice } from "./gallery/death-told-twice.ts";
import { deathWithoutItsCode } from "./gallery/death-without-its-code.ts";
import { managersBeforeOneTable } from "./gallery/managers-before-one-table.ts";
import { aManagerForEachConnection } from "./gallery/a-manager-for-each-connection.ts";
import { oneBridgeForAll } from "./gallery/one-bridge-for-all.ts";
import { bridgeThatListensForEver } from "./gallery/bridge-that-listens-for-ever.ts";
import { oneRegistryForATenant } from "./gallery/one-registry-for-a-tenant.ts";
import { finishedRunsKeptForEver } from "./gallery/finished-runs-kept-for-ever.ts";
import { idsMintedTwice } from "./gallery/ids-minted-twice.ts";
import { timerThatOutlivesItsConnection } from "./gallery/timer-that-outlives-its-connection.ts";
import { listenerThatNobodyRemoves } from "./gallery/listener-that-nobody-removes.ts";
import { tidiedUnderAnotherName } from "./gallery/tidied-under-another-name.ts";
import { tracesThatNobodyReads } from "./gallery/traces-that-nobody-reads.ts";
import { turnNotGivenBack } from "./gallery/turn-not-given-back.ts";
import { answersThatOutliveTheirUsers } from "./gallery/answers-that-outlive-their-users.ts";
import { expiredUsersStay } from "./gallery/expired-users-stay.ts";
import { twoResidentsOfOneUser } from "./gallery/two-residents-of-one-user.ts";
import { lostFollower } from "./gallery/lost-follower.ts";
import { greetingOfAClosedLine } from "./gallery/greeting-of-a-closed-line.ts";
import { cancelMeetsTheEnd } from "./gallery/cancel-meets-the-end.ts";
import { begunOnBothDevices } from "./gallery/begun-on-both-devices.ts";
import { numberedBeforeItIsWritten } from "./gallery/numbered-before-it-is-written.ts";
import { numberGivenTwice } from "./gallery/number-given-twice.ts";
import { lockAroundEachEvent } from "./gallery/lock-around-each-event.ts";
import { everybodyIsLookedAt } from "./gallery/everybody-is-looked-at.ts";
import { oneUserToTheEnd } from "./gallery/one-user-to-the-end.ts";
import { mailboxForEverybodyElse } from "./gallery/mailbox-for-everybody-else.ts";
import { twoMegabytesAUser } from "./gallery/two-megabytes-a-user.ts";
import { oneFrameInFiveHundred } from "./gallery/one-frame-in-five-hundred.ts";
import { cancelledForEverybody } from "./gallery/cancelled-for-everybody.ts";
import { oneQueueForAll } from "./gallery/one-queue-for-all.ts";
import { forgottenWhileItIsBusy } from "./gallery/forgotten-while-it-is-busy.ts";
import { fuseForEverybody } from "./gallery/fuse-for-everybody.ts";
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
  oneUserForAllTokens,
  userOfTheLastHandshake,
  contextFallsBackToASharedOne,
  deafAfterReconnecting,
  runThatEndsWithItsSocket,
  threadWithoutItsOwner,
  lastEventForTheNext,
  startedTwice,
  repeatedStart,
  cancelByIdAlone,
  sessionOfWhoeverNamesIt,
  onlyTheFirstDevice,
  onlyTheLatestDevice,
  deviceThatReplacesAnother,
  cacheWithoutItsOwner,
  oneListOfOpenItems,
  endThatJumpsTheQueue,
  oneErrorFrameForAll,
  leakThroughMetrics,
  leakThroughAHelpfulRefusal,
  oneQuotaForAll,
  deathToldToEverybody,
  deathToldToNobody,
  deathToldTwice,
  deathWithoutItsCode,
  managersBeforeOneTable,
  aManagerForEachConnection,
  oneBridgeForAll,
  bridgeThatListensForEver,
  oneRegistryForATenant,
  finishedRunsKeptForEver,
  idsMintedTwice,
  timerThatOutlivesItsConnection,
  listenerThatNobodyRemoves,
  tidiedUnderAnotherName,
  tracesThatNobodyReads,
  turnNotGivenBack,
  answersThatOutliveTheirUsers,
  expiredUsersStay,
  twoResidentsOfOneUser,
  lostFollower,
  greetingOfAClosedLine,
  cancelMeetsTheEnd,
  begunOnBothDevices,
  numberedBeforeItIsWritten,
  numberGivenTwice,
  lockAroundEachEvent,
  everybodyIsLookedAt,
  oneUserToTheEnd,
  mailboxForEverybodyElse,
  twoMegabytesAUser,
  oneFrameInFiveHundred,
  cancelledForEverybody,
  oneQueueForAll,
  forgottenWhileItIsBusy,
  fuseForEverybody,
]);
