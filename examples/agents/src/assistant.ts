import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { EventType, type Message, type RunAgentInput } from "@ag-ui/core";
import { type ModelMessage, streamText } from "ai";
import type { Agent, AgentContext, AgentEvent } from "./agent.ts";

/** Where an OpenAI-compatible model is served. */
export interface ModelSettings {
  /** With the version, as in `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
}

/** An agent that hands the conversation to a model and streams what the model says. */
export function createAssistant({ baseUrl, model, apiKey }: ModelSettings): Agent {
  const provider = createOpenAICompatible({
    name: "openai-compatible",
    baseURL: baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  return (input, context) => converse(provider(model), input, context);
}

async function* converse(
  model: Parameters<typeof streamText>[0]["model"],
  input: RunAgentInput,
  { signal }: AgentContext,
): AsyncGenerator<AgentEvent> {
  const messages = input.messages.flatMap(modelMessages);
  // The SDK prints errors unless it is given somewhere to put them; here they are thrown below.
  const { fullStream } = streamText({ model, messages, abortSignal: signal, onError: () => {} });
  for await (const part of fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "text-start") {
      yield { type: EventType.TEXT_MESSAGE_START, messageId: part.id, role: "assistant" };
    } else if (part.type === "text-delta" && part.text !== "") {
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: part.id, delta: part.text };
    } else if (part.type === "text-end") {
      yield { type: EventType.TEXT_MESSAGE_END, messageId: part.id };
    }
  }
}

/** Only what people and the assistant said; tools and pictures are not this agent's business. */
function modelMessages({ role, content }: Message): ModelMessage[] {
  if (typeof content !== "string") return [];
  if (role === "user" || role === "assistant" || role === "system") return [{ role, content }];
  return [];
}
