import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { BackEnd, type Frame, textOf, tokenOf } from "./back-end.ts";

/** What every back end owes one user who is alone with it; both examples keep it. */
export function describeOneUser(name: string): void {
  let backEnd: BackEnd;
  beforeAll(async () => {
    backEnd = await BackEnd.start(name);
  });
  afterAll(async () => {
    await backEnd.stop();
  });

  describe(`one user of examples/${name}`, () => {
    it("gets every event of a run once, in order, and the answer to the question", async () => {
      const device = await backEnd.connect("alice");
      for (const runId of ["answer-r1", "answer-r2"]) {
        device.run("researcher", { threadId: "answer-t1", runId }, "How do I prime a pump?");
        await device.end(runId);
        const events = device.eventsOf(runId);
        expect(events.map(({ metadata }) => metadata?.seq)).toEqual(events.map((_, i) => i + 1));
        expect(events.every(({ metadata }) => metadata?.threadId === "answer-t1")).toBe(true);
        expect(events[0]?.type).toBe("RUN_STARTED");
        expect(events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "success" } });
        expect(textOf(events)).toMatch(/^You asked: How do I prime a pump\?[^]*pumps\.md/);
      }
      await device.close();
    });

    it("hears two runs at once, whole, on all devices", async () => {
      const [phone, laptop] = [await backEnd.connect("alice"), await backEnd.connect("alice")];
      phone.run("researcher", { threadId: "both-t1", runId: "both-r1" }, "What is a bulkhead for?");
      laptop.run(
        "researcher",
        { threadId: "both-t2", runId: "both-r2" },
        "What does a flag hoist say?",
      );
      for (const device of [phone, laptop]) {
        await Promise.all([device.end("both-r1"), device.end("both-r2")]);
        expect(textOf(device.eventsOf("both-r1"))).toContain("You asked: What is a bulkhead for?");
        expect(textOf(device.eventsOf("both-r2"))).toContain(
          "You asked: What does a flag hoist say?",
        );
        for (const runId of ["both-r1", "both-r2"]) {
          const events = device.eventsOf(runId);
          expect(events.map(({ metadata }) => metadata?.seq)).toEqual(events.map((_, i) => i + 1));
          expect(events.filter(({ type }) => type === "TOOL_CALL_RESULT").length).toBeGreaterThan(
            1,
          );
        }
      }
      await Promise.all([phone.close(), laptop.close()]);
    });

    it("starts a run once, however often it is asked for", async () => {
      const device = await backEnd.connect("alice");
      const names = { threadId: "once-t1", runId: "once-r1" };
      device.run("slow", names, "Once?", { stepMs: 20 });
      device.run("slow", names, "Once?", { stepMs: 20 });
      await device.end("once-r1");
      device.run("slow", names, "Once?", { stepMs: 20 });
      await answered(device);
      expect(device.eventsOf("once-r1").filter(({ type }) => type === "RUN_STARTED")).toHaveLength(
        1,
      );
      await device.close();
    });

    it("cancels a run, with everything closed that was open", async () => {
      const device = await backEnd.connect("alice");
      device.run("slow", { threadId: "stop-t1", runId: "stop-r1" }, "Stop!", { stepMs: 5000 });
      await device.next(({ type }) => type === "STEP_STARTED");
      device.send({ type: "cancel", runId: "stop-r1" });
      expect(await device.end("stop-r1")).toMatchObject({ outcome: { type: "cancelled" } });
      const types = device.eventsOf("stop-r1").map(({ type }) => type);
      expect(types).toEqual(["RUN_STARTED", "STEP_STARTED", "STEP_FINISHED", "RUN_FINISHED"]);
      device.send({ type: "cancel", runId: "stop-r1" });
      expect(await device.next(({ type }) => type === "error")).toMatchObject({
        code: "RUN_UNKNOWN",
      });
      await device.close();
    });

    it.each([
      ["throw", { type: "RUN_ERROR", code: "AGENT_FAILED" }],
      ["hang", { type: "RUN_ERROR", code: "AGENT_DIED" }],
      ["finish", { type: "RUN_FINISHED" }],
    ])("is told, once, when an agent ends with %s", async (ending, expected) => {
      const device = await backEnd.connect("alice");
      device.run("flaky", { threadId: "end-t1", runId: ending }, "And then?", { ending });
      const end = await device.end(ending);
      expect(end).toMatchObject(expected);
      if (ending === "hang") expect(end["message"]).toMatch(/flaky.*no progress for 300 ms/);
      expect(JSON.stringify(end)).not.toContain("asked to fail");
      await answered(device);
      expect(device.eventsOf(ending).at(-1)).toBe(end);
      await device.close();
    });

    it("comes back with the session and hears the end of the run", async () => {
      const before = await backEnd.connect("alice");
      before.run("slow", { threadId: "back-t1", runId: "back-r1" }, "Still there?", {
        stepMs: 100,
      });
      await before.next(({ type }) => type === "STEP_STARTED");
      await before.close();
      const after = await backEnd.connect("alice", before.sessionId);
      expect(after.sessionId).toBe(before.sessionId);
      expect(await after.end("back-r1")).toMatchObject({ type: "RUN_FINISHED" });
      expect(textOf(after.eventsOf("back-r1"))).toContain("Still there?");
      await after.close();
    });

    it("is answered with an error frame for what can't be understood", async () => {
      const device = await backEnd.connect("alice");
      const codes: [unknown, string][] = [
        ["{", "FRAME_INVALID"],
        ["[]", "FRAME_INVALID"],
        [{ type: "run", agent: "slow" }, "FRAME_INVALID"],
        [{ type: "dance" }, "FRAME_UNKNOWN"],
      ];
      for (const [frame] of codes) device.send(frame);
      device.run("nobody", { threadId: "bad-t1", runId: "bad-r1" }, "Hello?");
      await device.next(({ code }) => code === "AGENT_UNKNOWN");
      const errors = device.frames.filter(({ type }) => type === "error");
      expect(errors.map(({ code }) => code)).toEqual([
        ...codes.map(([, code]) => code),
        "AGENT_UNKNOWN",
      ]);
      await device.close();
    });

    it.each<[string, (device: Awaited<ReturnType<BackEnd["connect"]>>) => void, number]>([
      ["a binary frame", (device) => device.sendBinary(Buffer.from([1, 2])), 1003],
      ["a frame that is too large", (device) => device.send("x".repeat(2 ** 20 + 1)), 1009],
      ["ten bad frames in a row", (device) => repeat(10, () => device.send("{")), 4500],
      ["a flood", (device) => repeat(2000, () => device.send({ type: "ping" })), 4003],
    ])("is closed for %s", async (_, misbehave, code) => {
      const device = await backEnd.connect("alice");
      misbehave(device);
      expect(await device.closed).toBe(code);
    });

    it("is closed with 4511 for a session that isn't the user's own", async () => {
      const owner = await backEnd.connect("ivan");
      const headers = { authorization: `Bearer ${await tokenOf("judy")}` };
      const thief = new WebSocket(`${backEnd.url}?session=${owner.sessionId}`, { headers });
      const [code] = (await once(thief, "close")) as [number];
      expect(code).toBe(4511);
      await owner.close();
    });

    it.each([
      ["without a token", "/ws", {}, 401],
      ["with a token signed by a stranger", "/ws", { secret: "x".repeat(32) }, 401],
      ["from a page of an unknown origin", "/ws", { origin: "https://evil.example" }, 403],
      ["on another path", "/elsewhere", {}, 404],
    ])("is refused %s", async (_, path, { secret, origin }: Stranger, status) => {
      const token = await tokenOf("mallory", secret);
      const isTokenSent = secret !== undefined || origin !== undefined;
      const socket = new WebSocket(backEnd.url.replace("/ws", path), {
        headers: isTokenSent ? { authorization: `Bearer ${token}` } : {},
        ...(origin === undefined ? {} : { origin }),
      });
      const [, response] = (await once(socket, "unexpected-response")) as [
        unknown,
        { statusCode: number; resume: () => void },
      ];
      expect(response.statusCode).toBe(status);
      response.resume();
    });

    it("finds the server healthy", async () => {
      const url = new URL("/healthz", backEnd.url.replace("ws:", "http:"));
      expect(await (await fetch(url)).json()).toEqual({ status: "ok" });
    });

    it("sees the socket closed with 1001 when the server is told to stop", async () => {
      const own = await BackEnd.start(name);
      const device = await own.connect("nina");
      const exit = own.stop();
      expect(await device.closed).toBe(1001);
      expect(await exit).toBe(0);
    });
  });
}

interface Stranger {
  readonly secret?: string;
  readonly origin?: string;
}

function repeat(times: number, work: () => void): void {
  for (let time = 0; time < times; time += 1) work();
}

/** Whatever the server had to say before is here when the pong is. */
async function answered(device: Awaited<ReturnType<BackEnd["connect"]>>): Promise<Frame> {
  const id = `after ${device.frames.length}`;
  device.send({ type: "ping", id });
  return device.next((frame) => frame.type === "pong" && frame["id"] === id);
}
