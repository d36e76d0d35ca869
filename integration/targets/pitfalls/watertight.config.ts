import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  patienceMs: 3000,
  users: 12,
  async scenario(user) {
    await user.fetch("/page");
    await user.fetch("/me");
    const events = await user.eventSource("/events");
    const text = user.canary("note");
    const saved = await user.fetch("/notes", { method: "POST", json: { text } });
    const { id } = (await saved.json()) as { id: string };
    await user.expectOwn(events, "note");
    await user.expectOwn(await user.fetch(`/notes/${id}`), "note");
    const headers = { "x-first": user.canary("first"), "x-second": user.canary("second") };
    await user.fetch("/search", { headers });
    await user.fetch("/print", { method: "POST", body: user.canary("print") });
    await user.fetch("/front");
  },
});
