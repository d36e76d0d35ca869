import { setTimeout as delay } from "node:timers/promises";
import { BenchServer } from "./bench-server.ts";
import { connect, type Device } from "./device.ts";
import { type Contender, EVENTS_PER_USER } from "./messages.ts";

/** Questions that every user asks; the first warms the server up and does not count. */
const QUESTIONS = 5;
/** So many connect at once. */
const WAVE = 100;
/** So long a server may put its things in order before its memory is looked at. */
const REST_MS = 1000;

/**
 * Starts a fresh server, lets `users` connect and all ask at once, several times, and answers what an
 * event that arrived has cost the server, in microseconds of processor time. Rejects if one is missing.
 */
export async function measureEvents(contender: Contender, users: number): Promise<number> {
  using server = await BenchServer.start(contender);
  const devices = await connectAll(contender, server.port, users);
  let before = 0;
  for (let question = 0; question < QUESTIONS; question += 1) {
    if (question === 1) before = (await server.usage()).cpuMicros;
    await Promise.all(devices.map((device) => askOnce(device, `run-${question}`)));
  }
  const used = (await server.usage()).cpuMicros - before;
  for (const device of devices) device.close();
  return used / (users * EVENTS_PER_USER * (QUESTIONS - 1));
}

/** Answers how many bytes of resident memory a user costs who is connected and does nothing. */
export async function measureIdle(contender: Contender, users: number): Promise<number> {
  using server = await BenchServer.start(contender);
  const warm = await connectAll(contender, server.port, WAVE);
  await delay(REST_MS);
  const before = (await server.usage()).rssBytes;
  const devices = await connectAll(contender, server.port, users, WAVE);
  await delay(REST_MS);
  const after = (await server.usage()).rssBytes;
  for (const device of [...warm, ...devices]) device.close();
  return (after - before) / users;
}

async function connectAll(
  contender: Contender,
  port: number,
  users: number,
  first = 0,
): Promise<readonly Device[]> {
  const devices: Device[] = [];
  for (let done = 0; done < users; done += WAVE) {
    const size = Math.min(WAVE, users - done);
    const names = Array.from({ length: size }, (_, index) => `user-${first + done + index}`);
    devices.push(...(await Promise.all(names.map((name) => connect(contender, port, name)))));
  }
  return devices;
}

/** Asks, and counts the events; frames about the run and the socket are not among them. */
async function askOnce(device: Device, runId: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let events = 0;
    const count = (text: string): void => {
      if (text.includes("TEXT_MESSAGE_CONTENT")) events += 1;
      else if (text.includes('"error"')) reject(new Error(`Expected events, got ${text}`));
      if (events === EVENTS_PER_USER) resolve();
    };
    device.ask(runId, count, () =>
      reject(new Error(`Expected ${EVENTS_PER_USER} events, got ${events} and a close`)),
    );
  });
}
