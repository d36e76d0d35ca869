import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.mjs", ready: "/healthz" },
  users: 12,
  sinks: {
    mail: {
      kind: "http",
      env: { MAIL_API: "{url}" },
      answer: { json: { message_id: "1", status: "queued" } },
    },
  },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    await user.fetch("/customers", { method: "POST", json: {} });
    const article = user.canary("article");
    await user.fetch("/orders", { method: "POST", json: { article } });
  },
});
