import { describe, expect, it } from "vitest";
import type { Agent } from "../../src/execution/agent.ts";
import { startServer, type TestServer } from "../http/test-server.ts";
import { type CuttingProxy, startCuttingProxy } from "./cutting-proxy.ts";
import { deviceOf, type TestDevice } from "./test-device.ts";

const USERS = 10;
const RUNS = 4;
const EVENTS = 60;
const MIN_CUTS = 60;

/** A small generator of numbers from 0 to below 1, from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Says whose it is in every event, and takes its time. */
const chatter: Agent = async function* (_input, { user, runId }) {
  for (let i = 0; i < EVENTS; i += 1) {
    yield { type: "CUSTOM", name: "said", value: `${user.userId} ${runId} ${i} ${"x".repeat(i)}` };
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** What each device of a user must get of a run: everything, once, in order, and only its own. */
function expectedOf(userId: string, runId: string): readonly string[] {
  const said = Array.from({ length: EVENTS }, (_, i) => `${userId} ${runId} ${i} ${"x".repeat(i)}`);
  return ["RUN_STARTED", ...said, "RUN_FINISHED"];
}

function gotOf({ events }: TestDevice, runId: string): readonly string[] {
  return events
    .filter(({ metadata }) => metadata.runId === runId)
    .map((event) => (event.type === "CUSTOM" ? String(event.value) : event.type));
}

async function startDevices(server: TestServer, random: () => number) {
  const proxies: CuttingProxy[] = [];
  const devices: { readonly userId: string; readonly device: TestDevice }[] = [];
  const cuts = (): number => proxies.reduce((sum, proxy) => sum + proxy.cuts, 0);
  const cutAfter = (): number =>
    cuts() >= MIN_CUTS * 1.5 ? Number.POSITIVE_INFINITY : 200 + Math.floor(random() * 12_000);
  for (let i = 0; i < USERS * 2; i += 1) {
    const proxy = await startCuttingProxy(server.port, cutAfter);
    const userId = `user-${i % USERS}`;
    const device = deviceOf(userId, proxy.url, { after: "oldest", random });
    proxies.push(proxy);
    devices.push({ userId, device });
  }
  return { proxies, devices, cuts };
}

describe("20 clients of 10 users with equal thread and run ids", () => {
  const seed = Number(process.env["WT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

  it(`get everything once, in order, and only their own, however lines are cut (WT_SEED=${seed})`, async () => {
    await using server = await startServer({ agents: { chatter } });
    const { proxies, devices, cuts } = await startDevices(server, randomFrom(seed));
    try {
      const runIds = Array.from({ length: RUNS }, (_, i) => `run-${i}`);
      const runs = devices.flatMap(({ device }) =>
        runIds.map((runId) => device.client.run({ agent: "chatter", threadId: "thread", runId })),
      );
      const outcomes = await Promise.all(runs.map(({ ended }) => ended));

      console.log(`WT_SEED=${seed} cuts=${cuts()}`);
      expect(outcomes.filter(({ status }) => status !== "finished")).toEqual([]);
      for (const { userId, device } of devices) {
        expect(device.incidents, userId).toEqual([]);
        expect(device.resets, userId).toEqual([]);
        for (const runId of runIds) expect(gotOf(device, runId)).toEqual(expectedOf(userId, runId));
        expect(device.events).toHaveLength(RUNS * (EVENTS + 2));
      }
      expect(cuts()).toBeGreaterThanOrEqual(MIN_CUTS);
      expect(server.told.filter(({ stage }) => stage !== "socket")).toEqual([]);
    } finally {
      await Promise.all(devices.map(({ device }) => device.client.close()));
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
    }
  }, 30_000);
});
