import { defineConfig } from "watertight";

// oxlint-disable-next-line node/no-process-env -- the test says what goes wrong
const { FAULT = "", ENDS_AT = "" } = process.env;
const line = /store is on port (?<port>\d+)/;

export default defineConfig({
  target: {
    command: "node server.js",
    env: { STORE: "{store.url}", MIRROR: "http://{mirror.host}:{mirror.port}/", FAULT },
    ready: { line: /listening at (?<url>\S+)/ },
    beside: [
      { name: "store", command: "node store.js", env: { ENDS_AT }, ready: { line } },
      { name: "mirror", command: "node store.js", env: { UPSTREAM: "{store.url}" } },
    ],
  },
  signIn: (user) => ({ headers: { "x-user": user.id } }),
  patienceMs: 2000,
  races: { trials: 2, replays: 1 },
  only: ["2.1", "5.1"],
  async scenario(user) {
    await user.fetch("/note", { method: "PUT", body: user.canary("note") });
    await user.expectOwn(await user.fetch("/note"), "note");
  },
});
