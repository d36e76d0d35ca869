import { defineConfig } from "watertight";

// oxlint-disable-next-line node/no-process-env -- the test says what goes wrong
const { LUCK = "", THROWS = "nobody", READY = "port" } = process.env;

export default defineConfig({
  target: {
    command: `node --unhandled-rejections=warn server.js ${LUCK}`,
    ...(READY === "port" ? { ready: { port: true as const } } : { readyTimeoutMs: 6000 }),
  },
  patienceMs: LUCK === "hangs" ? 1000 : 10_000,
  everything: { seconds: 4 },
  only: ["2.1", "7"],
  async scenario(user) {
    if (THROWS === "everybody" || THROWS === user.name) {
      throw new Error(`${user.name} can't be found: ${user.canary("text")}`);
    }
    const socket = await user.webSocket("/");
    socket.send({ text: user.canary("text") });
    await user.expectOwn(socket, "text");
  },
});
