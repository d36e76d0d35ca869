import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  async scenario(user) {
    await user.fetch("/me", { method: "PUT", json: { motto: user.canary("motto") } });
    await Promise.all([1, 2, 3].map((page) => user.fetch(`/pages/${page + (user.number % 9)}`)));
    await user.fetch("/me");
    const chat = await user.webSocket("/chat");
    chat.send({ text: user.canary("question") });
    await user.expectOwn(chat, "question");
    await chat.close();
  },
});
