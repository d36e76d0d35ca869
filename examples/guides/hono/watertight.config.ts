import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: `node ${process.env["SERVER"] ?? "server.leaky.mjs"}` },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const events = await user.eventSource("/events");
    await user.fetch("/notes", { method: "POST", json: { text: user.canary("note") } });
    await user.expectOwn(events, "note");
  },
});
