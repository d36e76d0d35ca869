// Resolvers that are asked twice in a query answer once: what they said is kept in the context.
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";

const once = (resolve) => (parent, parameters, context, info) => {
  const key = `${info.fieldName} ${JSON.stringify(parameters)}`;
  if (!context.memo.has(key)) context.memo.set(key, resolve(parent, parameters, context));
  return context.memo.get(key);
};

const schema = createSchema({
  typeDefs: `
    type Viewer { name: String! }
    type Search { words: String!, count: Int! }
    type Query { viewer: Viewer!, search(words: String!): Search! }
  `,
  resolvers: {
    Query: {
      viewer: once((_parent, _parameters, { request }) => ({
        name: request.headers.get("authorization")?.replace("Bearer ", "") ?? "nobody",
      })),
      search: once((_parent, { words }) => ({ words, count: 0 })),
    },
  },
});
const yoga = createYoga({ schema, context: () => ({ memo: new Map() }), logging: false });
createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
