import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.js" },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  releaseWithinMs: 500,
  async scenario(user) {
    const socket = await user.webSocket("/");
    socket.send({ text: user.canary("text") });
    await user.expectOwn(socket, "text");
  },
});
