import { defineConfig } from "watertight";

const { DIGEST = "batches", LOGS = "quiet" } = process.env;

export default defineConfig({
  target: { command: "node server.js", env: { DIGEST_API: "{digest.url}/v1/digest" } },
  sinks: {
    mail: { kind: "smtp", env: { MAIL_HOST: "{host}", MAIL_PORT: "{port}" } },
    api: {
      kind: "http",
      env: { MAIL_API: "{url}" },
      answer: ({ path, json }) => ({
        status: path === "/v1/send" && typeof json() === "object" ? 202 : 404,
      }),
    },
    digest: { kind: "http", answer: { status: 202 }, batches: DIGEST === "batches" },
  },
  ...(LOGS === "ignored" ? { logs: "ignore" } : {}),
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  async scenario(user) {
    await user.fetch("/orders", { method: "POST", json: { invoice: user.canary("invoice") } });
  },
});
