import { Random } from "./random.ts";

/** An AG-UI event as an agent says it. */
export interface Said {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One thing an agent says, and how long it thinks before. */
export interface Line {
  readonly pauseMs: number;
  readonly event: Said;
}

/** Whose run it is, and the secret that its owner put into the question. */
export interface Part {
  readonly userId: string;
  readonly canary: string;
  readonly threadId: string;
  readonly runId: string;
}

/**
 * What the agent says in a run, to the letter: the server's agent plays it, the judge compares with it.
 * No two runs of anybody say the same.
 */
export function scriptOf(part: Part): readonly Line[] {
  const random = new Random(`${part.userId}/${part.threadId}/${part.runId}`);
  const events = [
    ...message("message-1", random.between(1, 8), part),
    ...(random.chance(0.5) ? toolCall(part) : []),
    ...message("message-2", random.between(1, 8), part),
  ];
  return events.map((event) => ({ event, pauseMs: random.between(20, 200) }));
}

function message(messageId: string, pieces: number, part: Part): Said[] {
  const content = Array.from({ length: pieces }, (_, index): Said => {
    const delta = `${index}: ${part.userId} hears ${part.canary} in ${part.threadId} of ${part.runId}. `;
    return { type: "TEXT_MESSAGE_CONTENT", messageId, delta };
  });
  const begin: Said = { type: "TEXT_MESSAGE_START", messageId, role: "assistant" };
  return [begin, ...content, { type: "TEXT_MESSAGE_END", messageId }];
}

function toolCall({ userId, canary, runId }: Part): Said[] {
  const call = { toolCallId: `call-of-${runId}` };
  return [
    { type: "TOOL_CALL_START", ...call, toolCallName: "look-up" },
    { type: "TOOL_CALL_ARGS", ...call, delta: JSON.stringify({ about: canary, of: userId }) },
    { type: "TOOL_CALL_END", ...call },
    { type: "TOOL_CALL_RESULT", ...call, messageId: "result", content: `found ${canary}` },
  ];
}
