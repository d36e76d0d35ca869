import { AgentDevice } from "../drivers/agent-device.ts";
import { createRandom, hash } from "../internal/random.ts";
import { wait } from "../internal/wait.ts";
import type { Bench } from "./bench.ts";
import { ask, askOnce, everydayTask, playScenario, type Task } from "./conversations.ts";

const RELOADS = 5;
/** With others about, and pauses between the steps, it takes about so many times as long. */
const SLOWER_IN_COMPANY = 2;

/**
 * Every second user vanishes somewhere in the middle of what takes a lone user `usualMs`: lines are
 * cut, answers are not read to their end, and nobody says goodbye. The others must not notice.
 */
export function someVanish(bench: Bench, usualMs: number): Task {
  return async (user, ledger) => {
    if (user.number % 2 === 0) return everydayTask(bench)(user, ledger);
    const random = createRandom(hash(`${bench.seed} ${user.name}`));
    const unfinished = justBegin(bench)(user, ledger).catch(() => {});
    await wait(random.next() * SLOWER_IN_COMPANY * usualMs, user.signal);
    user.vanish();
    await unfinished;
  };
}

/** Nothing is expected of who vanishes, so nothing is noted in the ledger of the round. */
function justBegin(bench: Bench): Task {
  return async (user, ledger) => {
    const unnoted = ledger.afterwards();
    return bench.config.agents === undefined
      ? bench.config.scenario?.(user)
      : askOnce(bench)(user, unnoted);
  };
}

/**
 * Somebody without any proof of who they are does what users do, after they did it. Whatever comes of
 * it, a refusal most likely, must have nothing of anybody in it.
 */
export function anonymous(bench: Bench): Task {
  return async (user, ledger) => {
    await justBegin(bench)(user, ledger).catch(() => {});
  };
}

/** A page that is reloaded again and again: lines come up and are dropped, and the last one counts. */
export function reloadStorm(bench: Bench): Task {
  return async (user, ledger) => {
    const path = bench.agents.webSocket;
    const opening = Array.from({ length: RELOADS }, () => AgentDevice.open(user, path));
    for (const opened of opening)
      void opened.then(({ socket }) => socket.terminate()).catch(() => {});
    await Promise.allSettled(opening);
    await ask(bench, user, ledger, { device: await AgentDevice.open(user, path) });
  };
}

/**
 * Comes with the session of somebody who has left and was forgotten. The server may refuse it or begin
 * a new one; either way what comes is the visitor's own.
 */
export function reuse(bench: Bench, sessions: readonly string[]): Task {
  return async (user, ledger) => {
    if (bench.config.agents === undefined) return playScenario(bench)(user, ledger);
    const path = bench.agents.webSocket;
    const session = sessions[user.number % sessions.length];
    const device =
      session === undefined
        ? undefined
        : await AgentDevice.open(user, path, { session }).catch(() => undefined);
    const own = device ?? (await AgentDevice.open(user, path));
    await ask(bench, user, ledger, { device: own });
  };
}
