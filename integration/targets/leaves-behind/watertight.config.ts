import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  releaseWithinMs: 500,
  async scenario(user) {
    const chat = await user.webSocket("/chat");
    chat.send({ text: user.canary("question") });
    await user.expectOwn(chat, "question");
  },
});
