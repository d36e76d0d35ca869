import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { user: user.id } }),
  only: ["2.1"],
  async scenario(user) {
    await user.fetch("/me");
    const chat = await user.webSocket("/chat");
    chat.send(user.canary("text"));
    await user.expectOwn(chat, "text");
  },
});
