import { AgentDevice, type DevicePlace } from "../drivers/agent-device.ts";
import { createDeferred, type Deferred } from "../internal/deferred.ts";
import type { Observation } from "../observation.ts";
import { isCancelled } from "../run-event.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { Bench } from "./bench.ts";
import { ask, startSlow, type Task } from "./conversations.ts";
import type { RoundLedger } from "./round.ts";

/** What a thief takes from a victim whose slow run has begun. */
interface Loot {
  readonly runId: string;
  readonly secret: string;
  readonly place: DevicePlace;
}

/** A user who will be robbed: resolves with the loot, or with nothing if there never was any. */
interface Victim {
  readonly began: Deferred<Loot | undefined>;
  readonly ended: Deferred<void>;
}

/**
 * Every other user runs something slow; the next one takes the ids from them, comes with the other's
 * session, and tries to cancel the run. The owner must not notice anything, the thief must hear
 * nothing, and the thief's own run must be as good as ever.
 */
export function withBorrowedIds(bench: Bench): Task {
  const even = bench.identities.filter(({ number }) => number % 2 === 0);
  const victims = new Map<number, Victim>(
    even.map(({ number }) => [number, { began: createDeferred(), ended: createDeferred() }]),
  );
  return async (user, ledger) => {
    const itself = victims.get(user.number);
    if (itself === undefined) return steal(bench, user, ledger, victims.get(user.number - 1));
    try {
      await beRobbed(bench, user, ledger, itself);
    } finally {
      itself.began.resolve(undefined);
      itself.ended.resolve();
    }
  };
}

async function beRobbed(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
  { began }: Victim,
): Promise<void> {
  const device = await AgentDevice.open(user, bench.agents.webSocket);
  await startSlow(bench, user, ledger, device);
  const runId = user.nameFor("run");
  began.resolve({ runId, secret: user.canary("run"), place: device.place });
  const end = await device.ended(runId);
  if (isCancelled(end)) ledger.observe(foreignCancel(user, bench));
}

/** A server may refuse a thief without a word: once the victim is done, there is nothing to wait for. */
async function steal(
  bench: Bench,
  user: SimulatedUser,
  ledger: RoundLedger,
  victim: Victim | undefined,
): Promise<void> {
  const loot = await victim?.began.promise;
  const device = await AgentDevice.open(user, bench.agents.webSocket);
  if (victim !== undefined && loot !== undefined) {
    ledger.borrow(user, loot.secret);
    for (const place of keysOf(loot.place)) {
      const intruder = AgentDevice.open(user, bench.agents.webSocket, place);
      await Promise.race([intruder.catch(() => {}), victim.ended.promise]);
    }
    device.cancel(loot.runId);
    const refusal = device.refused(({ code }) => typeof code === "string");
    await Promise.race([refusal, victim.ended.promise]);
  }
  await ask(bench, user, ledger, { device });
}

/** Each by itself: a server that refuses a foreign position may still let in with a foreign session. */
function keysOf({ session, after }: DevicePlace): DevicePlace[] {
  return [
    ...(session === undefined ? [] : [{ session }]),
    ...(after === undefined ? [] : [{ after }]),
  ];
}

function foreignCancel(owner: SimulatedUser, bench: Bench): Observation {
  const thief = bench.identities[owner.number + 1]?.name ?? "another user";
  return {
    kind: "foreign-access",
    tier: "proved",
    title: `${thief} cancelled a run that belongs to ${owner.name}`,
    from: owner.name,
    to: thief,
    occurrences: 1,
    expected: "someone else's run id to be answered like one that does not exist",
  };
}
