/** The text of `watertight --help` and `watertight check --help`. */
export const HELP: string = `
watertight: proves or refutes that no user's data reaches another in your Node server

Usage
  npx watertight check [target] [options]

Target (default: the folder you are in)
  a folder      with a watertight.config.ts (or .js) in it
  a config      any file whose name ends in .config.ts, .mts, .js or .mjs
  a module      that exports createWebSocketManager(user), createAgentWebSocketBridge(user, manager)
                and createAgentExecutionRegistry(request), or get…() accessors in their place

Options
  --users N     how many users at once                                       (config, or 50)
  --only IDS    categories or checks, for example --only 1,2.2               (config, or all)
  --seed N      repeats the schedules of an earlier run                      (a new one each run)
  --out DIR     where report.html, report.json and other reports go          (.watertight)
  --report FORMAT[=FILE]   another report, may be repeated: json, html, junit, sarif, ctrf, github,
                markdown, prometheus; - as FILE prints it instead of text    (its name in --out)
  --json FILE, --html FILE, --metrics-file FILE   short for --report json=, html=, prometheus=
  --baseline FILE          known findings and earlier numbers: only what is new or worse fails
  --update-baseline        writes what this run found into it
  --strict-baseline        known findings that are not seen any more fail, too
  -h, --help    this text
  -v, --version

Checks
  1 Concurrent user execution isolation   1.1 execution   1.2 registry   1.3 bridge
  2 WebSocket event user isolation        2.1 routing     2.2 deaths
  3 Factory pattern validation            3.1 manager     3.2 bridge     3.3 registry

Exit codes
  0  every check passed        1  at least one failed
  2  the tool could not work, or all passed and a report could not be written
  3  nothing failed, but something could not be shown
  130  interrupted

A config for an agent back end
  import { defineConfig } from "watertight";
  export default defineConfig({
    target: { command: "node server.js", ready: "/healthz" },   // PORT is set to a free port
    signIn: (user) => ({ headers: { authorization: \`Bearer \${tokenFor(user.id)}\` } }),
    agents: { webSocket: "/ws", answers: { agent: "assistant" } },
  });

A config for any other server: what a user does, written as if there were one
  export default defineConfig({
    target: { command: "node server.js" },
    signIn: (user) => ({ headers: { cookie: \`session=\${sessionFor(user.id)}\` } }),
    only: ["1.1", "2.1"],
    async scenario(user) {
      await user.fetch("/me", { method: "PUT", json: { motto: user.canary("motto") } });
      const chat = await user.webSocket("/chat");
      chat.send({ text: user.canary("question") });
      await user.expectOwn(chat, "question");                    // my own words came back
    },
  });
`;
