import { defineConfig, openSocketIo } from "watertight";

export default defineConfig({
  target: {
    command: `node ${process.env["SERVER"] ?? "server.leaky.mjs"}`,
    ready: { port: true },
  },
  async scenario(user) {
    const desk = await openSocketIo(user, { auth: { user: user.id } });
    await desk.event("history");
    desk.emit("ask", user.canary("question"));
    await user.expectOwn(desk.socket, "question");
  },
});
