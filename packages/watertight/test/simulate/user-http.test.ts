import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { lockstep, type Pattern } from "../../src/patterns/pattern.ts";
import type { SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { endings, play, serve } from "./round-of-users.ts";

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const alone = { users: 1 };

describe("a user's cookies", () => {
  it("are kept, sent where they belong, and nobody else's", async () => {
    const seen: string[] = [];
    const baseUrl = await serve({
      onRequest: (request, response) => {
        seen.push(`${request.url} ${request.headers.cookie ?? "none"}`);
        const user = request.headers["x-user"] ?? "";
        if (request.url === "/login") {
          response.setHeader("set-cookie", [`sid=${String(user)}; HttpOnly`, "area=1; Path=/area"]);
        }
        response.end();
      },
    });

    await play(baseUrl, async (user) => {
      await user.fetch("/login", { headers: { "x-user": user.name } });
      await user.fetch("/me");
      await user.fetch("/area/1");
    });

    for (const name of ["user-00", "user-01"]) {
      expect(seen).toContain(`/me sid=${name}`);
      expect(seen.filter((line) => line.startsWith("/area") && line.includes(name))).toEqual([
        `/area/1 area=1; sid=${name}`,
      ]);
    }
  });

  it("from a sign-in go with what comes after, sockets included", async () => {
    const seen: (string | undefined)[] = [];
    const baseUrl = await serve({
      onRequest: async (request, response) => {
        const form = new URLSearchParams((await bodyOf(request)).toString());
        if (form.has("name")) response.setHeader("set-cookie", `sid=${form.get("name")}`);
        seen.push(request.headers.cookie);
        response.end();
      },
      onSocket: (socket) => socket.close(),
    });

    const played = await play(
      baseUrl,
      async (user) => {
        await user.fetch("/");
        const socket = await user.webSocket("/");
        await socket.closed;
      },
      {
        ...alone,
        signIn: async (user) => void (await user.fetch("/login", { form: { name: user.name } })),
      },
    );

    expect(endings(played)).toEqual(["ok"]);
    expect(seen).toEqual([undefined, "sid=user-00"]);
  });
});

describe("a body", () => {
  it.each([
    ["json", { json: { a: "ü" } }, "application/json", '{"a":"ü"}'],
    ["a form", { form: { a: "1 2" } }, "application/x-www-form-urlencoded;charset=UTF-8", "a=1+2"],
    ["text", { body: "plain" }, undefined, "plain"],
  ])("goes out as %s", async (_, body, type, text) => {
    let sent: { type: string | undefined; text: string } | undefined;
    const baseUrl = await serve({
      onRequest: async (request, response) => {
        sent = { type: request.headers["content-type"], text: (await bodyOf(request)).toString() };
        response.end();
      },
    });

    await play(
      baseUrl,
      async (user) => void (await user.fetch("/", { method: "POST", ...body })),
      alone,
    );

    expect(sent).toEqual({ type, text });
  });

  it("may be a form with files", async () => {
    let text = "";
    const baseUrl = await serve({
      onRequest: async (request, response) => {
        text = `${request.headers["content-type"]}\n${(await bodyOf(request)).toString()}`;
        response.end();
      },
    });
    const form = new FormData();
    form.set("photo", new Blob(["secret"]), "name of a file.txt");

    await play(
      baseUrl,
      async (user) => void (await user.fetch("/", { method: "POST", body: form })),
      alone,
    );

    expect(text).toMatch(/^multipart\/form-data; boundary=/);
    expect(text).toContain('filename="name of a file.txt"');
    expect(text).toContain("secret");
  });

  it("is one of several, not two of them", async () => {
    const both = { method: "POST", body: "a", json: 1 };
    const played = await play(
      await serve(),
      async (user) => void (await user.fetch("/", both)),
      alone,
    );

    expect(endings(played)).toEqual(["Expected one of body, json and form, got body and json"]);
  });
});

describe("an answer", () => {
  it.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["gzip, br", (bytes: Buffer) => brotliCompressSync(gzipSync(bytes))],
  ] as const)("in %s is recorded and read decoded", async (coding, encode) => {
    let text = "";
    const baseUrl = await serve({
      onRequest: (_, response) => {
        response.setHeader("content-encoding", coding);
        response.end(encode(Buffer.from("the secret")));
      },
    });

    const { capture } = await play(
      baseUrl,
      async (user) => void (text = await (await user.fetch("/")).text()),
      alone,
    );

    expect(text).toBe("the secret");
    expect(capture.received[0]?.bytes.toString()).toContain("\n\nthe secret");
  });

  it("that is not what its coding says is recorded as it is", async () => {
    const baseUrl = await serve({
      onRequest: (_, response) => response.setHeader("content-encoding", "gzip").end("the secret"),
    });

    const { capture } = await play(baseUrl, async (user) => void (await user.fetch("/")), alone);

    expect(capture.received[0]?.bytes.toString()).toContain("\n\nthe secret");
  });

  it("is recorded with its trailers", async () => {
    const baseUrl = await serve({
      onRequest: (_, response) => {
        response.setHeader("trailer", "x-secret");
        response.write("body");
        response.addTrailers({ "x-secret": "in the trailer" });
        response.end();
      },
    });

    const { capture } = await play(baseUrl, async (user) => void (await user.fetch("/")), alone);

    expect(capture.received[0]?.bytes.toString()).toMatch(/body\nx-secret: in the trailer\n$/);
  });
});

describe("what a user asked for", () => {
  it("is known, without what says who the user is", async () => {
    const baseUrl = await serve({ onRequest: (_, response) => response.writeHead(201).end("x") });
    const requests: unknown[] = [];

    await play(
      baseUrl,
      async (user) => {
        await user.fetch("/notes?a=1", { method: "POST", json: {}, headers: { "X-Own": "1" } });
        requests.push(...user.requests);
      },
      { ...alone, signIn: () => ({ headers: { authorization: "secret" } }) },
    );

    expect(requests).toMatchObject([
      {
        method: "POST",
        path: "/notes?a=1",
        headers: { "content-type": "application/json", "x-own": "1" },
        body: Buffer.from("{}"),
        answer: { answer: { request: "POST /notes", status: 201 } },
      },
    ]);
    expect(JSON.stringify(requests)).not.toContain("secret");
  });
});

describe("a mishap", () => {
  /** What reached the server of a request with a body of 20 bytes, and how the user saw it end. */
  async function suffer(mishap: ReturnType<NonNullable<Pattern["mishapOf"]>>) {
    const seen: { url: string | undefined; user: unknown; bytes: number; isWhole: boolean }[] = [];
    let closed: () => void = () => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const baseUrl = await serve({
      onRequest: async (request: IncomingMessage, response: ServerResponse) => {
        response.once("close", closed);
        const bytes = await bodyOf(request).catch(() => undefined);
        seen.push({
          url: request.url,
          user: request.headers["x-user"],
          bytes: bytes?.length ?? 0,
          isWhole: request.complete,
        });
        response.write("first");
        setTimeout(() => response.end("last"), 300);
      },
    });
    const task = async (user: SimulatedUser): Promise<void> => {
      await user.fetch("/a", { method: "POST", body: "x".repeat(20) });
    };

    const played = await play(baseUrl, task, {
      ...alone,
      signIn: () => ({ headers: { "x-user": "me" } }),
      mishapOf: () => mishap,
    });
    await isClosed;
    return {
      seen: seen[0],
      ending: endings(played)[0],
      received: played.capture.received[0]?.bytes,
    };
  }

  it.each(["slow request", "slow answer", undefined] as const)(
    "%s changes nothing",
    async (mishap) => {
      const { seen, ending } = await suffer(mishap);

      expect(seen).toEqual({ url: "/a", user: "me", bytes: 20, isWhole: true });
      expect(ending).toBe("ok");
    },
  );

  it("can break the body, hide the user, or lose the way", async () => {
    expect((await suffer("broken body")).seen).toMatchObject({ bytes: 10, isWhole: true });
    expect((await suffer("stranger")).seen).toMatchObject({ user: undefined, bytes: 20 });
    expect((await suffer("lost")).seen).toMatchObject({ url: "/a/no-such-place", user: "me" });
  });

  it("can cut the line in the request, before the answer, and in the answer", async () => {
    const inRequest = await suffer("hang up in the request");
    expect(inRequest.seen?.isWhole ?? false).toBe(false);
    expect(inRequest.ending).toBe("the user was made to hang up in the request");

    const before = await suffer("hang up before the answer");
    expect(before.seen).toMatchObject({ isWhole: true });
    expect(before.ending).toBe("the user was made to hang up before the answer");

    const inAnswer = await suffer("hang up in the answer");
    expect(inAnswer.ending).toBe("the user was made to hang up in the answer");
    expect(inAnswer.received?.toString()).toMatch(/\n\nfirst$/);
  });
});

describe("users who share a line", () => {
  it("have their requests on one connection", async () => {
    const ports = new Set<number | undefined>();
    const baseUrl = await serve({
      onRequest: (request, response) => {
        ports.add(request.socket.remotePort);
        response.end();
      },
    });
    const get = async (user: SimulatedUser): Promise<void> => void (await user.fetch("/"));

    await play(baseUrl, get, { users: 4, pattern: lockstep });
    expect(ports.size).toBe(4);

    ports.clear();
    await play(baseUrl, get, { users: 4, sharesLines: true });
    expect(ports.size).toBe(2);
  });
});

describe("an event stream", () => {
  it("is recorded event by event, and searched", async () => {
    const baseUrl = await serve({
      onRequest: (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("event: greeting\nid: 1\ndata: he");
        setTimeout(() => response.write("llo\n\n: still here\r\n\r\ndata: a\ndata: b\n\n"), 5);
      },
    });
    let found = "";

    const played = await play(
      baseUrl,
      async (user) => {
        const stream = await user.eventSource("/events");
        const received = await stream.find(
          ({ bytes }) => bytes.includes("data: b"),
          user.patience(),
        );
        found = received.bytes.toString();
        expect(stream.received.map(({ bytes }) => bytes.toString())).toEqual([
          "event: greeting\nid: 1\ndata: hello",
          ": still here",
          "data: a\ndata: b",
        ]);
      },
      alone,
    );

    expect(endings(played)).toEqual(["ok"]);
    expect(found).toBe("data: a\ndata: b");
  });

  it("ends when its user leaves, and the server learns of it", async () => {
    let response: ServerResponse | undefined;
    const baseUrl = await serve({
      onRequest: (_, stream) => {
        response = stream;
        stream.writeHead(200, { "content-type": "text/event-stream" });
        stream.write("data: 1\n\n");
      },
    });

    await play(baseUrl, async (user) => void (await user.eventSource("/events")), alone);

    if (response?.closed === false) await once(response as ServerResponse, "close");
    expect(response?.closed).toBe(true);
  });
});
