// A help desk: one agent answers all customers, and remembers within a conversation which order it is about.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage } from "@langchain/core/messages";
import { createAgent, createMiddleware } from "langchain";
import { z } from "zod";

/** Stands in for a language model: says what it was told. */
class Parrot extends BaseChatModel {
  _llmType() {
    return "parrot";
  }

  bindTools() {
    return this;
  }

  async _generate(messages) {
    await wait(10 + 50 * Math.random());
    const text = `I was told: ${messages.map(({ content }) => JSON.stringify(content)).join(" ")}`;
    return { generations: [{ text, message: new AIMessage(text) }] };
  }
}

const orderMemory = createMiddleware({
  name: "order memory",
  stateSchema: z.object({ order: z.string().optional() }),
  beforeModel({ messages, order }) {
    const [, named] = /order (\w+)/.exec(String(messages.at(-1).content)) ?? [];
    return { order: named ?? order };
  },
  wrapModelCall: (request, next) =>
    next({ ...request, systemPrompt: `The customer's order is ${request.state.order}.` }),
});
const quota = createMiddleware({
  name: "quota",
  async beforeModel() {
    await wait(10 + 50 * Math.random());
  },
});
const agent = createAgent({ model: new Parrot({}), tools: [], middleware: [orderMemory, quota] });

async function answer(question) {
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: question }] });
  return JSON.stringify({ answer: messages.at(-1).content });
}

createServer(async (request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  if (request.headers.authorization === undefined) return response.writeHead(401).end();
  try {
    const { question } = await json(request);
    const text = await answer(question);
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  } catch {
    response.writeHead(400).end();
  }
}).listen(process.env.PORT);
