import { expect, it } from "vitest";
import type { AgentEvent } from "../src/agent.ts";
import { createAgents } from "../src/create-agents.ts";
import { createDocumentIndex } from "../src/document-index.ts";
import { createResearcher } from "../src/researcher.ts";
import { ask, inputOf, textOf } from "./ask.ts";

const QUESTION =
  "Why do bilge pumps need a valve in each compartment? (ref wtcanary0123456789ABCDEFGHabcdef)";

it("answers the same question with the same events, ids apart", async () => {
  const { researcher } = await createAgents({});
  const first = await ask(researcher!, inputOf(QUESTION));
  const second = await ask(researcher!, inputOf(QUESTION));
  expect(first.map(withoutIds)).toEqual(second.map(withoutIds));
});

it("searches with the user's own words, reads what it found, and cites it", async () => {
  const { researcher } = await createAgents({});
  const events = await ask(researcher!, inputOf(QUESTION));
  const calls = events.flatMap((event) => ("toolCallName" in event ? [event.toolCallName] : []));
  expect(calls).toEqual(["search_documents", "read_document", "read_document"]);
  const parameters = events.find((event) => event.type === "TOOL_CALL_ARGS")!;
  expect(JSON.parse(parameters.delta)).toEqual({ query: QUESTION });
  expect(textOf(events)).toMatch(/Each compartment has a suction of its own/);
  expect(textOf(events)).toMatch(/Sources: pumps\.md/);
});

it("starts its answer with the question, word for word, and streams it in pieces", async () => {
  const { researcher } = await createAgents({});
  const question = "  What  does a\n\nflag hoist say? ";
  const events = await ask(researcher!, inputOf(question));
  expect(textOf(events).startsWith(`You asked: ${question}`)).toBe(true);
  expect(events.filter(({ type }) => type === "TEXT_MESSAGE_CONTENT").length).toBeGreaterThan(5);
});

it("says so when no document has an answer", async () => {
  const { researcher } = await createAgents({});
  const events = await ask(researcher!, inputOf("wtcanary0123456789ABCDEFGHabcdef"));
  expect(textOf(events)).toMatch(/None of the documents/);
  expect(events.filter(({ type }) => type === "TOOL_CALL_RESULT")).toHaveLength(1);
});

it("keeps nothing of one question when the next one is asked", async () => {
  const text = "# Knots\n\nA bowline does not slip.";
  const researcher = createResearcher(createDocumentIndex([{ file: "knots.md", text }]));
  await ask(researcher, inputOf("bowline wtcanaryFirst"));
  const events = await ask(researcher, inputOf("bowline"));
  expect(JSON.stringify(events)).not.toContain("wtcanaryFirst");
  expect(textOf(events)).toContain("A bowline does not slip. [knots.md]");
});

function withoutIds(event: AgentEvent): unknown {
  return { ...event, messageId: "", toolCallId: "" };
}
