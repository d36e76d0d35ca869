import { describe, expect, it } from "vitest";
import { graphql } from "../../src/drivers/graphql.ts";
import { endings, play, serve } from "../simulate/round-of-users.ts";

/** Answers with what `answer` makes of the posted query. */
function serveGraphql(answer: (asked: { query: string; variables: object }) => string) {
  return serve({
    onRequest: async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(answer(JSON.parse(Buffer.concat(chunks).toString())));
    },
  });
}

describe("a GraphQL query", () => {
  it("is posted with its variables; data and errors come back", async () => {
    const baseUrl = await serveGraphql((asked) =>
      JSON.stringify({ data: asked, errors: [{ message: "half" }] }),
    );
    const answers: unknown[] = [];

    await play(
      baseUrl,
      async (user) => void answers.push(await graphql(user, "/graphql", "{ me }", { a: 1 })),
      {
        users: 1,
      },
    );

    expect(answers).toEqual([
      { data: { query: "{ me }", variables: { a: 1 } }, errors: [{ message: "half" }] },
    ]);
  });

  it.each(["<html>", "[]", '{"message":"no"}'])("rejects when %s comes back", async (text) => {
    const baseUrl = await serveGraphql(() => text);

    const played = await play(
      baseUrl,
      async (user) => void (await graphql(user, "/graphql", "{ me }")),
      {
        users: 1,
      },
    );

    expect(endings(played)[0]).toContain("Expected a GraphQL answer from /graphql, got status 200");
  });
});
