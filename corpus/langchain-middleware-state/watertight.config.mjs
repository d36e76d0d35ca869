import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.mjs", ready: "/healthz" },
  users: 12,
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const question = `Where is my order ${user.canary("order")}?`;
    const answer = await user.fetch("/questions", { method: "POST", json: { question } });
    await user.expectOwn(answer, "order");
  },
});
