import { defineConfig, graphql } from "watertight";

const QUERY = `query ($words: String!) { viewer { name } search(words: $words) { words } }`;

export default defineConfig({
  target: { command: `node ${process.env["SERVER"] ?? "server.leaky.mjs"}` },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    await graphql(user, "/graphql", QUERY, { words: user.canary("words") });
  },
});
