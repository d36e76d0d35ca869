import { fileURLToPath } from "node:url";
import type { Agent } from "./agent.ts";
import { createDocumentIndex, readDocuments } from "./document-index.ts";
import { flaky } from "./flaky.ts";
import { createResearcher } from "./researcher.ts";
import { slow } from "./slow.ts";

/** The environment variables that say where a model is served; all other variables are ignored. */
export type AgentEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Makes all agents by name: `researcher`, `slow`, `flaky`, and, when `OPENAI_BASE_URL` is set,
 * `assistant` (`OPENAI_MODEL`, default `gpt-4o-mini`; `OPENAI_API_KEY`). The document index is
 * built here, once.
 */
export async function createAgents(
  environment: AgentEnvironment,
): Promise<Readonly<Record<string, Agent>>> {
  const folder = fileURLToPath(new URL("../documents/", import.meta.url));
  const index = createDocumentIndex(await readDocuments(folder));
  const researcher = createResearcher(index);
  return Object.freeze({ researcher, slow, flaky, ...(await createModelAgents(environment)) });
}

async function createModelAgents(
  environment: AgentEnvironment,
): Promise<Readonly<Record<string, Agent>>> {
  const { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: apiKey, OPENAI_MODEL: model } = environment;
  if (baseUrl === undefined || baseUrl === "") return {};
  // The AI SDK is large; who has no model doesn't load it.
  const { createAssistant } = await import("./assistant.ts");
  const settings = { baseUrl, model: model ?? "gpt-4o-mini" };
  return { assistant: createAssistant(apiKey === undefined ? settings : { ...settings, apiKey }) };
}
