import { CATALOGUE } from "../suite/catalogue.ts";

/** The text of `watertight --help`, or of a command's own. */
export function helpOn(topic: string | undefined): string {
  const own = Object.hasOwn(HELP, topic ?? "") ? HELP[topic ?? ""] : undefined;
  return `${(own ?? checkHelp()).trim()}\n`;
}

/** The checks, a line for each category with its number and title; made from the catalogue. */
function listChecks(): string {
  const width = Math.max(...CATALOGUE.map(({ title }) => title.length));
  const lines = CATALOGUE.map(({ id, title, checks }) => {
    const names = checks.map((check) => `${check.id} ${check.title}`);
    const indent = " ".repeat(width + 6);
    return `  ${id} ${title.padEnd(width)}  ${names.join(`\n${indent}`)}`;
  });
  return lines.join("\n");
}

function checkHelp(): string {
  return `
watertight: proves or refutes that no user's data reaches another in your Node server

Usage
  npx watertight init [folder]                        writes a first config
  npx watertight check [target] [options]
  npx watertight explain <finding or kind>            what it means, what to do
  npx watertight soak [target] --for 1h [options]     see watertight soak --help

Target (default: the folder you are in)
  a folder      with a watertight.config.ts (or .js) in it
  a config      any file whose name ends in .config.ts, .mts, .js or .mjs
  a module      that exports createWebSocketManager(user), createAgentWebSocketBridge(user, manager)
                and createAgentExecutionRegistry(request), or get…() accessors in their place

Options
  --url URL     a server that runs already: nothing is started or stopped, nor looked into
  --users N     how many users at once                                       (config, or 50)
  --only IDS    categories or checks, for example --only 1,2.2               (config, or all)
  --thorough    every schedule three times, more seeds, and everything at once for half a minute
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
${listChecks()}

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
}

const SOAK_HELP = `
watertight soak: keeps a server under everything at once, window after window, and says what only
time shows: memory that grows, handles that stay, a leak that comes once in a thousand times

Usage
  npx watertight soak [target] --for 1h [options]

Options
  --for TIME    how long, such as 30s, 10m, 1h, 2d; never less than six windows           (1h)
  --window TIME how long a window is, at most a quarter of --for              (a minute in an hour)
  --url URL     a server that runs already: nothing is started or stopped, nor looked into
  --users N     how many users at once, new ones in each window                (config, or 50)
  --seed N      of the first window; each later one has the next             (a new one each run)
  --metrics-port PORT      serves /metrics for Prometheus and /healthz on 127.0.0.1; 0: a free one
  --metrics-file FILE      the same for a textfile collector, rewritten after each window
  --out DIR, --report FORMAT[=FILE], --json FILE, --html FILE
  --baseline FILE, --update-baseline, --strict-baseline        as for watertight check --help

Each window has users of its own, all of whom leave. What they leave behind is counted after each,
and looked for in memory at the end. Ctrl-C ends a soak early and reports what was seen so far.

Exit codes
  0  every window passed, and nothing was left behind        1  at least one finding, or a crash
  2  the tool could not work, or all passed and a report could not be written
  3  nothing failed, but something could not be shown
  130  interrupted, with a report
`;

const INIT_HELP = `
watertight init: looks at a project and writes a first watertight.config for it

Usage
  npx watertight init [folder] [--force]

It reads package.json and the project's own files (500 at most, 2 MB), runs nothing, and looks for
how the server is started, its port, and routes that can be seen: calls such as app.get("/x", …),
fastify.route({ … }), decorators of NestJS, files of Next.js and SvelteKit. The config runs as it is;
its comments say what to replace. One that is there is left alone, but for --force.
`;

const EXPLAIN_HELP = `
watertight explain: a finding in full, what it means, and what to do

Usage
  npx watertight explain <id> [--report FILE]    a finding of the last run  (.watertight/report.json)
  npx watertight explain <kind>                  a kind of finding, such as leak or retained
`;

const HELP: Readonly<Record<string, string>> = Object.freeze({
  soak: SOAK_HELP,
  init: INIT_HELP,
  explain: EXPLAIN_HELP,
});
