import type { AgentEvent } from "../protocol/events.ts";

/** The name of the CUSTOM event by which an agent says what it has used, as `reportUsage` does. */
const USAGE = "usage";

/** Says whether `value` is a number of tokens: a whole one from 0. */
export function isTokens(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * The tokens that an event says were used: `totalTokens` of the value of a CUSTOM event `usage`, or
 * else the sum of its `inputTokens` and `outputTokens`. 0 for any other event, and for what is none.
 */
export function tokensOf(event: AgentEvent): number {
  const { type, name, value } = Object(event) as Readonly<Record<string, unknown>>;
  return type === "CUSTOM" && name === USAGE ? totalOf(value) : 0;
}

/** The tokens of a usage as the AI SDK writes it; what is no number counts as 0. */
export function totalOf(usage: unknown): number {
  const { totalTokens, inputTokens, outputTokens } = Object(usage) as Record<string, unknown>;
  if (isTokens(totalTokens)) return totalTokens;
  return [inputTokens, outputTokens].filter(isTokens).reduce((sum, tokens) => sum + tokens, 0);
}
