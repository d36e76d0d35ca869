import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Mounted } from "../src/mounted.ts";
import { DEVELOPMENT_SECRET } from "../src/team-runtime.ts";

// Loaded one by one: a framework that can't be loaded fails its own tests only.
const SERVERS: readonly (readonly [string, () => Promise<(port: number) => Promise<Mounted>>])[] = [
  ["node:http", async () => (await import("../src/node-http.ts")).startNodeHttp],
  ["Express", async () => (await import("../src/express.ts")).startExpress],
  ["Fastify", async () => (await import("../src/fastify.ts")).startFastify],
  ["Hono", async () => (await import("../src/hono.ts")).startHono],
  ["NestJS", async () => (await import("../src/nest.ts")).startNest],
];

const RUN = Object.freeze({ threadId: "t1", runId: "r1" });
const PRIVATE = Object.freeze({ alice: "alice's own words", bob: "bob's own words" });
type Name = keyof typeof PRIVATE;
const NAMES: readonly Name[] = ["alice", "bob"];

function headersOf(name: Name): Record<string, string> {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256" })}.${encode({ sub: name })}`;
  const signature = createHmac("sha256", DEVELOPMENT_SECRET).update(signed).digest("base64url");
  return {
    authorization: `Bearer ${signed}.${signature}`,
    "content-type": "application/json",
  };
}

function inputOf(name: Name, runId: string = RUN.runId): object {
  const messages = [{ id: "m1", role: "user", content: PRIVATE[name] }];
  return { threadId: RUN.threadId, runId, messages, tools: [], context: [], state: {} };
}

/** A socket of the user, open, and every frame that it gets. */
async function open({ url }: Mounted, name: Name) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/agents/ws`, {
    headers: headersOf(name),
  });
  const frames: string[] = [];
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("message", (data: Buffer) => frames.push(data.toString()));
  await once(socket, "open");
  const has = async (type: string): Promise<void> => {
    await expect.poll(() => frames.join("\n")).toContain(`"type":"${type}"`);
  };
  return { socket, frames, closed, has };
}

/** A server that runs while the test does. */
async function start(load: () => Promise<(port: number) => Promise<Mounted>>) {
  const mounted = await (await load())(0);
  return { ...mounted, [Symbol.asyncDispose]: () => mounted.close() };
}

describe.each(SERVERS)("a runtime mounted in %s", (_, load) => {
  it("brings two users with the same thread and run, at once, their own events only", async () => {
    await using server = await start(load);
    const devices = await Promise.all(NAMES.map((name) => open(server, name)));

    for (const { has } of devices) await has("ready");
    for (const [i, { socket }] of devices.entries()) {
      const input = inputOf(NAMES[i] as Name);
      socket.send(JSON.stringify({ type: "run", agent: "echo", input }));
    }
    for (const { has } of devices) await has("RUN_FINISHED");

    for (const [i, { frames }] of devices.entries()) {
      const [own, other] = [NAMES[i] as Name, NAMES[1 - i] as Name];
      expect(frames.join("\n")).toContain(`${own} said: ${PRIVATE[own]}`);
      expect(frames.join("\n")).not.toContain(PRIVATE[other]);
      expect(frames.filter((frame) => frame.includes("RUN_STARTED"))).toHaveLength(1);
    }
  });

  it("answers under its prefix, bodies included, and leaves the team's own routes alone", async () => {
    await using server = await start(load);
    const post = (path: string, name: Name, body: object): Promise<Response> =>
      fetch(server.url + path, {
        method: "POST",
        headers: headersOf(name),
        body: JSON.stringify(body),
      });

    expect(await (await fetch(`${server.url}/agents/healthz`)).json()).toEqual({ status: "ok" });
    expect(await (await post("/team/greet", "alice", { name: "Ada" })).json()).toEqual({
      hello: "Ada",
    });
    for (const path of ["/healthz", "/agentshealthz", "/agents/team/greet", "/agents/nothing"]) {
      expect((await fetch(server.url + path)).status, path).toBe(404);
    }
    for (const name of NAMES) {
      const run = await post("/agents/agui/echo", name, inputOf(name));
      const events = await run.text();
      expect(run.status, events).toBe(200);
      expect(events).toContain(`${name} said: ${PRIVATE[name]}`);
      expect(events).toContain("RUN_FINISHED");
      expect(NAMES.filter((one) => events.includes(PRIVATE[one]))).toEqual([name]);
    }
  });

  it("lets a browser's socket in with a ticket, once", async () => {
    await using server = await start(load);
    const issued = await fetch(`${server.url}/agents/tickets`, {
      method: "POST",
      headers: headersOf("alice"),
    });
    const { ticket } = (await issued.json()) as { ticket: string };
    const url = `${server.url.replace("http", "ws")}/agents/ws?ticket=${ticket}`;

    const first = new WebSocket(url);
    await once(first, "open");
    const second = new WebSocket(url);
    const [, refusal] = (await once(second, "unexpected-response")) as [
      unknown,
      { statusCode: number },
    ];

    expect(refusal.statusCode).toBe(401);
    first.terminate();
  });

  it("leaves no socket when it is closed, and says goodbye", async () => {
    const mounted = await (await load())(0);
    const devices = await Promise.all(NAMES.map((name) => open(mounted, name)));
    for (const { has } of devices) await has("ready");
    await (await fetch(`${mounted.url}/agents/healthz`)).text();

    await mounted.close();

    expect(await Promise.all(devices.map(({ closed }) => closed))).toEqual([1001, 1001]);
    const knock = connect(Number(new URL(mounted.url).port), "127.0.0.1");
    const [refused] = (await once(knock, "error")) as [NodeJS.ErrnoException];
    expect(refused.code).toBe("ECONNREFUSED");
  });
});
