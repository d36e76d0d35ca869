import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { AgentDevice } from "../../src/drivers/agent-device.ts";
import { endings, play, serve } from "../simulate/round-of-users.ts";

type Frame = Readonly<Record<string, unknown>>;

/** Says `ready`, and answers each frame with those that `answer` gives. */
function agentServer(answer: (frame: Frame) => readonly object[], urls: string[] = []) {
  return serve({
    onSocket: (socket: WebSocket, url) => {
      urls.push(url);
      socket.send('{"type":"ready","sessionId":"s 1","position":"1&2"}');
      socket.on("message", (data: Buffer) => {
        const frame = JSON.parse(data.toString("utf8")) as Frame;
        for (const event of answer(frame)) socket.send(JSON.stringify(event));
      });
    },
  });
}

const RUN = { agent: "echo", threadId: "t", runId: "r", text: "hello" };
const of = (runId: string, type: string, more: object = {}) => ({
  type,
  metadata: { runId },
  ...more,
});

describe("a device at an agent back end", () => {
  it("is ready with its session and position, and asks to go on from there", async () => {
    const urls: string[] = [];
    const places: object[] = [];
    const baseUrl = await agentServer(() => [], urls);

    const played = await play(
      baseUrl,
      async (user) => {
        const first = await AgentDevice.open(user, "/ws");
        const again = await AgentDevice.open(user, "/ws", first.place);
        places.push(first.place, again.place);
      },
      { users: 1 },
    );

    expect(endings(played)).toEqual(["ok"]);
    const place = { session: "s 1", after: "1&2" };
    expect(places).toEqual([place, place]);
    expect(urls).toEqual(["/ws", "/ws?session=s+1&after=1%262"]);
  });

  it("asks for a run as AG-UI wants it, and sees its events and its end", async () => {
    const asked: Frame[] = [];
    const baseUrl = await agentServer((frame) => {
      asked.push(frame);
      return [
        of("r", "RUN_STARTED"),
        of("other", "RUN_FINISHED"),
        { type: "TEXT_MESSAGE_CONTENT", metadata: { runId: "r", seq: 2 } },
        { type: "RUN_FINISHED", runId: "r" },
        of("r", "error"),
      ];
    });
    let seen: readonly unknown[] = [];

    const played = await play(
      baseUrl,
      async (user) => {
        const device = await AgentDevice.open(user, "/ws");
        device.start({ ...RUN, forwardedProps: { stepMs: 1 } });
        const began = await device.began("r");
        const end = await device.ended("r");
        seen = [began.type, end.type, device.eventsOf("r").map(({ type, seq }) => [type, seq])];
      },
      { users: 1 },
    );

    expect(endings(played)).toEqual(["ok"]);
    expect(seen).toEqual([
      "RUN_STARTED",
      "RUN_FINISHED",
      [
        ["RUN_STARTED", undefined],
        ["TEXT_MESSAGE_CONTENT", 2],
        ["RUN_FINISHED", undefined],
      ],
    ]);
    expect(asked).toEqual([
      {
        type: "run",
        agent: "echo",
        input: {
          threadId: "t",
          runId: "r",
          messages: [{ id: "message-r", role: "user", content: "hello" }],
          tools: [],
          context: [],
          state: {},
          forwardedProps: { stepMs: 1 },
        },
      },
    ]);
  });

  it("sees that what it asked for was refused", async () => {
    const baseUrl = await agentServer((frame) => [
      { type: "error", code: "OTHER" },
      { type: "error", code: "RUN_UNKNOWN", runId: frame["runId"] },
    ]);
    let refusal = "";

    await play(
      baseUrl,
      async (user) => {
        const device = await AgentDevice.open(user, "/ws");
        device.cancel("r9");
        const frame = await device.refused(({ code }) => code === "RUN_UNKNOWN");
        refusal = frame.bytes.toString("utf8");
      },
      { users: 1 },
    );

    expect(refusal).toBe('{"type":"error","code":"RUN_UNKNOWN","runId":"r9"}');
  });

  it.each<[string, (device: AgentDevice) => Promise<unknown>]>([
    ["the end of a run", (device) => device.ended("r")],
    ["the beginning of a run", (device) => device.began("r")],
    ["a refusal", (device) => device.refused(() => true)],
  ])("doesn't wait for %s for ever, though the server keeps on beating", async (_, wait) => {
    const timers = new Set<NodeJS.Timeout>();
    const baseUrl = await serve({
      onSocket: (socket) => {
        socket.send('{"type":"ready"}');
        timers.add(setInterval(() => socket.send('{"type":"beat"}'), 20));
      },
    });

    const played = await play(
      baseUrl,
      async (user) => void (await wait(await AgentDevice.open(user, "/ws"))),
      { users: 1, timeoutMs: 300 },
    );
    for (const timer of timers) clearInterval(timer);

    expect(endings(played)).toEqual(["user-00/socket-1: the expected frame never came"]);
  });
});
