import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, type Asking, inputOf, post } from "./sse-client.ts";
import { startServer, type TestServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

/** On a busy machine, too. */
const SOON = { timeout: 5000 };

const MAX_BYTES = 64 * 1024;
const SECRET = "what-the-client-wrote";

/** What comes back for bytes that no client library would send. */
async function sendRaw(server: TestServer, head: string, body: Buffer | string): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(head);
  socket.write(body);
  return readAll(socket);
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.on("error", () => {});
  await once(socket, "close");
  return text;
}

describe("a request that can't be obeyed", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      limits: { maxFrameBytes: MAX_BYTES },
      allowedOrigins: ["https://app.example.com"],
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const run = (body: unknown, headers = {}, agent = "echo"): [string, Asking] => [
    `/agui/${agent}`,
    { body, headers },
  ];
  const input = (more: object): object => inputOf("refused", { [SECRET]: SECRET, ...more });
  it.each<[string, [string, Asking?], number, string, RegExp?]>([
    ["of another path", ["/agui"], 404, "NOT_FOUND"],
    ["of a path with bad percent encoding", run({}, {}, "%zz"), 400, "URL_INVALID"],
    ["by GET", ["/agui/echo"], 405, "METHOD_REFUSED"],
    ["by PUT", ["/agui/echo", { method: "PUT", body: {} }], 405, "METHOD_REFUSED"],
    ["by HEAD", ["/healthz", { method: "HEAD" }], 405, "METHOD_REFUSED"],
    ["of a foreign origin", run({}, { origin: "https://evil.example" }), 403, "ORIGIN_REFUSED"],
    ["of a forged proof", run({}, { authorization: "Bearer e30.e30." }), 401, "UNAUTHORIZED"],
    ["of an unknown agent", run({}, {}, SECRET), 404, "AGENT_UNKNOWN"],
    ["of the agent __proto__", run({}, {}, "__proto__"), 404, "AGENT_UNKNOWN"],
    [
      "without JSON's type",
      run("{}", { "content-type": "text/plain" }),
      415,
      "CONTENT_TYPE_REFUSED",
    ],
    ["of compressed JSON", run("{}", { "content-encoding": "gzip" }), 415, "CONTENT_TYPE_REFUSED"],
    ["of 0 bytes", run(""), 400, "INPUT_INVALID"],
    ["of no JSON", run(`{"${SECRET}`), 400, "INPUT_INVALID"],
    ["of invalid UTF-8", run(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 400, "INPUT_INVALID"],
    ["of a list", run([]), 400, "INPUT_INVALID"],
    ["without messages", run(input({ messages: SECRET })), 400, "INPUT_INVALID", /messages/],
    [
      "with a message of no role",
      run(input({ messages: [{ id: "1" }] })),
      400,
      "INPUT_INVALID",
      /messages\.0\.role/,
    ],
    ["with an empty run id", run(input({ runId: "" })), 400, "INPUT_INVALID", /runId/],
    [
      "with a thread id that is no text",
      run(input({ threadId: 1 })),
      400,
      "INPUT_INVALID",
      /threadId/,
    ],
    ["with a forged position", run(input({}), { "last-event-id": SECRET }), 400, "CURSOR_REFUSED"],
    ["of one byte more than may be", run("x".repeat(MAX_BYTES + 1)), 413, "BODY_TOO_LARGE"],
    [
      "to cancel an unknown run",
      [`/runs/${SECRET}/cancel`, { method: "POST" }],
      404,
      "RUN_UNKNOWN",
    ],
    ["for the events of an unknown run", [`/runs/${SECRET}/events`], 404, "RUN_UNKNOWN"],
    ["for events after a forged position", [`/events?after=${SECRET}`], 400, "CURSOR_REFUSED"],
    ["of an unknown session", [`/events?session=${SECRET}`], 404, "SESSION_UNKNOWN"],
  ])(
    "%s is refused in JSON that repeats nothing",
    async (...[, [path, asking], status, code, place]) => {
      const answer = await ask(server, "alice", path, asking);
      await answer.ended;

      expect(answer.status).toBe(status);
      expect(answer.response.headers["content-type"]).toBe("application/json");
      expect(answer.text).not.toContain(SECRET);
      if (asking?.method === "HEAD") return;
      const { error } = JSON.parse(answer.text) as { error: { code: string; message: string } };
      expect(error.code).toBe(code);
      expect(error.message).toMatch(place ?? /./);
      expect(server.told.filter(({ stage }) => stage !== "authenticate")).toEqual([]);
      await expect
        .poll(() => server.runtime.health(), SOON)
        .toMatchObject({ users: 0, connections: 0 });
    },
  );

  it("without a proof is refused as unauthorized, with a challenge", async () => {
    const answer = await ask(server, undefined, "/events");

    expect(answer.status).toBe(401);
    expect(answer.response.headers["www-authenticate"]).toBe("Bearer");
  });

  it("by another method says which there are", async () => {
    const answer = await ask(server, "alice", "/runs/1/cancel", { method: "DELETE" });

    expect(answer.response.headers.allow).toBe("POST");
  });

  it("with a run id of another thread is refused, and the run goes on", async () => {
    const first = await post(server, "alice", "wait", inputOf("run", { threadId: "one" }));
    await first.ofType("CUSTOM");

    const second = await post(server, "alice", "wait", inputOf("run", { threadId: "two" }));

    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ error: { code: "RUN_CONFLICT" } });
    server.agents.release();
    expect(await first.ended).toBe("whole");
  });

  it("of 10 MB without a length is refused while it comes, and the connection ends", async () => {
    const token = await signToken("alice");
    const head = `POST /agui/echo HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;

    const answer = await sendRaw(server, head, chunk.repeat(160));

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toContain("BODY_TOO_LARGE");
  });

  it("with 10,000 levels or prototype keys is no harm to anybody", async () => {
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    const polluted = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const bodies = [
      `{"threadId":"t","runId":"deep","messages":[],"state":${deep},"forwardedProps":${deep}}`,
      `{"threadId":"t","runId":"proto","messages":[],"state":${polluted},"forwardedProps":${polluted},"__proto__":{"polluted":1}}`,
      `{"threadId":"t","runId":"deep messages","messages":${deep}}`,
    ];

    const answers = await Promise.all(bodies.map((body) => ask(server, "alice", ...run(body))));
    await Promise.all(answers.map(({ ended }) => ended));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
    expect(answers[1]?.types.at(-1)).toBe("RUN_FINISHED");
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("of a log that can't be opened is refused, and told to the operator", async () => {
    const eventLog = {
      open: () => Promise.reject(new Error("disk full")),
      erase: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await using broken = await startServer({ eventLog });

    const answer = await post(broken, "alice", "echo", inputOf("run"));

    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "LOG_UNAVAILABLE" } });
    expect(broken.told.map(({ stage }) => stage)).toContain("event-log");
    expect(broken.agents.started).toEqual([]);
  });
});

describe("a page of another origin", () => {
  const origin = "https://app.example.com";

  it("may ask if it is on the list, and reads the answer, also a refusal", async () => {
    await using server = await startServer({ allowedOrigins: [origin] });
    const preflight = await ask(server, undefined, "/agui/echo", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    const run = await ask(server, "alice", "/agui/echo", {
      body: inputOf("run"),
      headers: { origin },
    });
    const refused = await ask(server, "alice", "/agui/none", {
      body: inputOf("run"),
      headers: { origin },
    });
    await Promise.all([preflight.ended, run.ended, refused.ended]);

    expect(preflight.status).toBe(204);
    expect(preflight.response.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization, content-type, last-event-id",
      vary: "Origin",
    });
    expect([run.status, refused.status]).toEqual([200, 404]);
    for (const { response } of [run, refused]) {
      expect(response.headers).toMatchObject({
        "access-control-allow-origin": origin,
        vary: "Origin",
      });
    }
  });

  it("may send cookies only if the server says so, and it is on the list", async () => {
    await using server = await startServer({ allowedOrigins: [origin], allowCredentials: true });
    await using strict = await startServer({ allowedOrigins: [origin] });
    const credentials = async (on: typeof server, method: string, from: string) => {
      const { response } = await ask(on, undefined, "/agui/echo", {
        method,
        headers: { origin: from },
      });
      return response.headers["access-control-allow-credentials"];
    };

    for (const method of ["OPTIONS", "POST"]) {
      expect(await credentials(server, method, origin)).toBe("true");
      expect(await credentials(server, method, "https://evil.example")).toBeUndefined();
      expect(await credentials(strict, method, origin)).toBeUndefined();
    }
    await expect(startServer({ allowCredentials: "yes" as never })).rejects.toMatchObject({
      code: "WT_OPTION_INVALID",
    });
  });

  it.each(["https://evil.example", `${origin}.evil.example`, "null", "*"])(
    "%s is told nothing",
    async (foreign) => {
      await using server = await startServer({ allowedOrigins: [origin] });
      const headers = { origin: foreign };

      const answers = [
        await ask(server, undefined, "/agui/echo", { method: "OPTIONS", headers }),
        await ask(server, "alice", "/agui/echo", { body: inputOf("run"), headers }),
        await ask(server, "alice", "/healthz", { headers }),
      ];

      expect(answers.map(({ status }) => status)).toEqual([403, 403, 200]);
      for (const { response } of answers) {
        expect(Object.keys(response.headers).filter((name) => name.startsWith("access-"))).toEqual(
          [],
        );
      }
      expect(server.agents.started).toEqual([]);
    },
  );
});
