import { setTimeout as delay } from "node:timers/promises";
import { Device, type DeviceOptions } from "./device.ts";
import type { DeviceLedger, ReceivedEvent, UserLedger } from "./ledger.ts";
import { Random } from "./random.ts";

/** When all that is known of has come, so long nothing more must come; else so long is waited for it. */
const QUIET_MS = 50;
const MISSING_MS = 5000;
const MOST_MS = 20_000;

/**
 * Reads a user's whole log with a device that was never there, from the oldest event on. To be called
 * when nothing of the user is going on any more. Answers the frames.
 */
export async function readAll(
  { userId, canary, devices }: UserLedger,
  port: () => number,
  headers: DeviceOptions["headers"],
): Promise<string[]> {
  const ledger: UserLedger = {
    userId,
    canary,
    devices: [],
    asked: new Map(),
    words: [],
    replay: [],
  };
  let heardAt: number | undefined;
  const hear = (): void => void (heardAt = performance.now());
  const random = new Random("replay");
  const known = { port, ledger, headers, random, silenceMs: MOST_MS };
  const options = { ...known, onEvent: hear, onReady: hear };
  const device = new Device("replay", options, "oldest");
  const deadline = performance.now() + MOST_MS;
  const owed = devices.map(lastPosition);
  const isAll = (): boolean => {
    if (heardAt === undefined) return false;
    const quietMs = performance.now() - heardAt;
    return quietMs > (owed.includes(device.position) ? QUIET_MS : MISSING_MS);
  };
  while (!isAll() && performance.now() < deadline) await delay(5);
  await device.stop();
  return ledger.devices.flatMap(({ stints }) => stints.flatMap(({ frames }) => frames));
}

/** The position of the last event that a device was told. */
function lastPosition({ stints }: DeviceLedger): string | undefined {
  const frame = stints.flatMap(({ frames }) => frames).at(-1);
  return frame === undefined ? undefined : (JSON.parse(frame) as ReceivedEvent).metadata.position;
}
