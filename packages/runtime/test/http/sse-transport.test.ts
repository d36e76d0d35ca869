import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { type SseKind, SseTransport } from "../../src/http/sse-transport.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { sseEvent } from "../../src/protocol/sse-frame.ts";

/** What a client gets, and what the transport tells, when `use` has its way with it. */
async function answer(
  kind: SseKind,
  use: (transport: SseTransport, response: ServerResponse) => void,
): Promise<{ status: number; text: string; told: string[] }> {
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  const server = createServer((_, response) => {
    const transport = new SseTransport(response, kind);
    transport.listen({
      onLife: tell("life"),
      onDrain: tell("drain"),
      onBroken: tell("broken"),
      onClose: tell("close"),
    });
    use(transport, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`);
    const text = await response.text().catch(() => "cut");
    await expect.poll(() => told).toContain("close");
    return { status: response.status, text, told };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("an answer as a transport", () => {
  it("writes blocks as they are, and tells life, drain and its one end", async () => {
    const { status, text, told } = await answer("run", (transport) => {
      transport.send(sseEvent("p", "{}"), true);
      transport.ping();
      transport.finish();
      expect(transport.isOpen).toBe(false);
      transport.send(sseEvent("late", "{}"), true);
    });

    expect([status, text]).toEqual([200, "id: p\ndata: {}\n\n: ping\n\n"]);
    expect(told.toSorted()).toEqual(["close", "drain", "life", "life"]);
  });

  it("has room for frames past the log among the user's events, not among a run's", async () => {
    const send = (transport: SseTransport): void => {
      transport.send('{"type":"NEWS"}', false);
      transport.finish();
    };

    expect((await answer("user", send)).text).toBe('data: {"type":"NEWS"}\n\n');
    expect((await answer("run", send)).text).toBe("");
  });

  it.each([
    [CLOSE.sessionRevoked, 401, "UNAUTHORIZED"],
    [CLOSE.sessionExpired, 401, "UNAUTHORIZED"],
    [CLOSE.proofExpired, 401, "UNAUTHORIZED"],
    [CLOSE.logUnavailable, 503, "LOG_UNAVAILABLE"],
    [CLOSE.shuttingDown, 503, "UNAVAILABLE"],
  ])("that is closed before its first word is a refusal: %j", async (reason, status, code) => {
    const refused = await answer("run", (transport) => transport.close(reason));

    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code } });
  });

  it("is gone at once if it was gone before", async () => {
    const { told } = await answer("user", (_, response) => {
      response.end();
      response.once("close", () => {
        const late: string[] = [];
        const ignore = (): void => {};
        const transport = new SseTransport(response, "user");
        transport.listen({
          onLife: ignore,
          onDrain: ignore,
          onBroken: ignore,
          onClose: () => late.push("close"),
        });
        expect(late).toEqual(["close"]);
        expect(transport.isOpen).toBe(false);
      });
    });

    expect(told).toEqual(["close"]);
  });
});
