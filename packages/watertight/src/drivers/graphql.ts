import { isRecord } from "../received.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";

/** What a GraphQL server answers. */
export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors: readonly unknown[];
}

/**
 * Asks a GraphQL server over HTTP, as this user; errors are part of the answer. Rejects when what comes is no
 * GraphQL answer at all.
 */
export async function graphql(
  user: SimulatedUser,
  path: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<GraphqlAnswer> {
  const accept = "application/graphql-response+json, application/json";
  const response = await user.fetch(path, {
    method: "POST",
    json: { query, variables },
    headers: { accept },
  });
  const text = await response.text();
  const answer = parse(text);
  if (answer === undefined || !("data" in answer || "errors" in answer)) {
    throw new Error(
      `Expected a GraphQL answer from ${path}, got status ${response.status}: ${text.slice(0, 200)}`,
    );
  }
  const { data, errors } = answer;
  return { data, errors: Array.isArray(errors) ? errors : [] };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
