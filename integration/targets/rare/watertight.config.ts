import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  everything: { seconds: 20, operations: 200 },
  async scenario(user) {
    const chat = await user.webSocket("/chat");
    chat.send({ text: user.canary("question") });
    await user.expectOwn(chat, "question");
  },
});
