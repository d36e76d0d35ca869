import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createAgents } from "../src/create-agents.ts";
import { ask, inputOf, textOf } from "./ask.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

it("hands the conversation to an OpenAI-compatible model and streams its answer", async () => {
  const requests: ModelRequest[] = [];
  const baseUrl = await serveModel(requests, ["Shut ", "every ", "door."]);
  const { assistant } = await createAgents({
    OPENAI_BASE_URL: baseUrl,
    OPENAI_API_KEY: "key-1",
    OPENAI_MODEL: "tiny",
  });
  const events = await ask(assistant!, inputOf("How do I keep the sea out?"));
  expect(events.map(({ type }) => type)).toEqual([
    "TEXT_MESSAGE_START",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_END",
  ]);
  expect(textOf(events)).toBe("Shut every door.");
  expect(requests).toEqual([
    {
      path: "/v1/chat/completions",
      authorization: "Bearer key-1",
      model: "tiny",
      messages: [{ role: "user", content: "How do I keep the sea out?" }],
    },
  ]);
});

it("fails when the model does", async () => {
  const baseUrl = await serve((response) => response.writeHead(400).end('{"error":"no"}'));
  const { assistant } = await createAgents({ OPENAI_BASE_URL: baseUrl });
  await expect(ask(assistant!, inputOf("Hello?"))).rejects.toThrow();
});

it("is not there when no model is configured", async () => {
  expect(Object.keys(await createAgents({ OPENAI_BASE_URL: "" }))).toEqual([
    "researcher",
    "slow",
    "flaky",
  ]);
});

interface ModelRequest {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly model: unknown;
  readonly messages: unknown;
}

type Respond = (response: ServerResponse, request: IncomingMessage) => unknown;

async function serve(respond: Respond): Promise<string> {
  const server = createServer((request, response) => void respond(response, request));
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** A model that says `words`, the way that OpenAI-compatible servers stream. */
function serveModel(requests: ModelRequest[], words: readonly string[]): Promise<string> {
  return serve(async (response, request) => {
    const { model, messages } = JSON.parse(await bodyOf(request)) as Record<string, unknown>;
    const { authorization } = request.headers;
    requests.push({ path: request.url, authorization, model, messages });
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const content of words) {
      const choices = [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }];
      response.write(`data: ${JSON.stringify({ id: "c1", created: 1, model, choices })}\n\n`);
    }
    const choices = [{ index: 0, delta: {}, finish_reason: "stop" }];
    response.write(`data: ${JSON.stringify({ id: "c1", created: 1, model, choices })}\n\n`);
    response.end("data: [DONE]\n\n");
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
