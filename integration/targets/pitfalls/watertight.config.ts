import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  patienceMs: 3000,
  users: 12,
  races: { replays: 1 },
  scenario: [
    async function read(user) {
      await user.fetch("/page");
      await user.fetch("/me");
    },
    async function write(user) {
      const events = await user.eventSource("/events");
      const text = user.canary("note");
      const saved = await user.fetch("/notes", { method: "POST", json: { text } });
      const { id } = (await saved.json()) as { id: string };
      await user.expectOwn(events, "note");
      await user.expectOwn(await user.fetch(`/notes/${id}`), "note");
    },
    async function search(user) {
      const headers = { "x-first": user.canary("first"), "x-second": user.canary("second") };
      await user.fetch("/search", { headers });
      await user.fetch("/print", { method: "POST", body: user.canary("print") });
      const name = user.nameFor("name");
      const named = await user.fetch("/names", { method: "POST", json: { name } });
      if (!named.ok) throw new Error(`the name was refused with status ${named.status}`);
    },
    async function front(user) {
      await user.fetch("/front");
    },
  ],
});
