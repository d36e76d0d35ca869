import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  only: ["1.1"],
  async scenario(user) {
    await user.fetch("/me");
    const chat = await user.webSocket("/chat");
    chat.send({ text: user.canary("question") });
    await user.expectOwn(chat, "question");
  },
});
