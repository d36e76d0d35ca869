import type { WebSocketEventCapture } from "../capture/web-socket-event-capture.ts";
import type { Outcome } from "../simulate/concurrent-user-simulator.ts";

/** How long those who stay listen to what the leaving of others makes them receive. */
const GOODBYE_MS = 100;
const MAX_GOODBYE_MS = 1000;

/** Half of the users hear what becomes known of the other half when they go. */
export async function leaveInTurns(
  outcomes: readonly Outcome[],
  capture: WebSocketEventCapture,
): Promise<void> {
  const users = outcomes.map(({ user }) => user);
  const leave = (parity: number): Promise<unknown> =>
    Promise.all(users.filter(({ number }) => number % 2 === parity).map((user) => user.leave()));
  await leave(1);
  if (users.some(({ isConnected }) => isConnected)) {
    await capture.quiet({ quietMs: GOODBYE_MS, maxMs: MAX_GOODBYE_MS });
  }
  await leave(0);
}
