import type { RunAgentInput } from "@ag-ui/core";
import { type Agent, type AgentContext, type AgentEvent, questionIn } from "./agent.ts";
import type { DocumentIndex, Passage } from "./document-index.ts";
import { speak, think, useTool } from "./speech.ts";

const MAX_SOURCES = 2;

/**
 * An agent that answers from a folder of documents: it searches, reads what it found, and quotes it
 * with the names of the files. The same question gets the same answer, ids apart.
 */
export function createResearcher(index: DocumentIndex): Agent {
  return (input, context) => research(index, input, context);
}

async function* research(
  index: DocumentIndex,
  input: RunAgentInput,
  context: AgentContext,
): AsyncGenerator<AgentEvent> {
  const query = questionIn(input);
  yield* think(`I will look for passages that answer the question in ${index.size} documents.`);
  const found = index.search(query, MAX_SOURCES);
  const files = found.map(({ file, heading }) => ({ file, heading }));
  yield* useTool({
    tool: "search_documents",
    parameters: { query },
    work: () => ({ query, files }),
  });
  for (const { file } of found) {
    if (context.signal.aborted) return;
    const work = (): unknown => ({ file, text: index.read(file) });
    yield* useTool({ tool: "read_document", parameters: { file }, work });
  }
  yield* speak(answer(query, found));
}

function answer(question: string, found: readonly Passage[]): string {
  const asked = `You asked: ${question}\n\n`;
  if (found.length === 0) return `${asked}None of the documents says anything about that.`;
  const quotes = found.map(({ file, heading, text }) => `${heading}: ${text} [${file}]`);
  const sources = found.map(({ file }) => file).join(", ");
  return `${asked}${quotes.join("\n\n")}\n\nSources: ${sources}`;
}
