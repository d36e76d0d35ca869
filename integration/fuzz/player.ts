import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { canariesIn } from "../chaos/ledger.ts";
import type { FuzzInput } from "./input.ts";

/** What came back. */
export interface Answer {
  /** HTTP statuses, in order. */
  readonly statuses: readonly number[];
  /** Secrets of whomever. */
  readonly canaries: readonly string[];
  readonly bytes: number;
}

/** A canary or a status line may come in two pieces. */
const OVERLAP = 64;
const CONNECT_MS = 10_000;

/** Plays an input over a connection of its own; never rejects. */
export async function play(port: number, input: FuzzInput): Promise<Answer> {
  const answer = { statuses: [] as number[], canaries: new Set<string>(), bytes: 0 };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let tail = "";
  socket.on("error", () => {});
  socket.on("data", (bytes: Buffer) => {
    answer.bytes += bytes.length;
    const text = tail + bytes.toString("latin1");
    for (const canary of canariesIn(text)) answer.canaries.add(canary);
    tail = readStatuses(text, answer.statuses);
  });
  socket.setTimeout(CONNECT_MS, () => socket.destroy());
  await Promise.race([speak(socket, input), gone]);
  if (input.lingerMs > 0) await Promise.race([delay(input.lingerMs), gone]);
  if (input.ending === "reset") socket.resetAndDestroy();
  else if (input.ending === "destroy") socket.destroy();
  else {
    socket.end();
    // The other end should hang up as well; but it need not be waited for.
    await Promise.race([delay(50), gone]);
    socket.destroy();
  }
  await gone;
  return { ...answer, canaries: [...answer.canaries] };
}

async function speak(socket: Socket, { steps }: FuzzInput): Promise<void> {
  for (const { bytes, pauseMs } of steps) {
    if (pauseMs > 0) await delay(pauseMs);
    if (socket.destroyed) return;
    // Whoever takes nothing must not keep us waiting; what does not go now goes when it can.
    socket.write(bytes);
  }
}

/** Notes the statuses; answers what must be looked at again, with the next piece. */
function readStatuses(text: string, statuses: number[]): string {
  let end = 0;
  for (const match of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
    statuses.push(Number(match[1]));
    end = match.index + match[0].length;
  }
  return text.slice(Math.max(end, text.length - OVERLAP));
}
