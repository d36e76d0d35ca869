import type { Chosen } from "./choose-routes.ts";
import type { Project } from "./inspect-project.ts";
import type { Route } from "./route.ts";

/** Enough to see what is said; a form of twenty fields would hide it. */
const MOST_FIELDS = 3;

/** How users talk to a server that is more than requests and answers. */
const CONVERSATIONS: Readonly<Record<string, readonly string[]>> = Object.freeze({
  "socket.io": [
    'Socket.IO, with `import { openSocketIo } from "watertight"`:',
    "  const chat = await openSocketIo(user);",
    '  chat.emit("message", user.canary("message"));',
    '  await user.expectOwn(chat.socket, "message");',
  ],
  ws: [
    "WebSocket:",
    '  const socket = await user.webSocket("/");',
    '  socket.send({ text: user.canary("message") });',
    '  await user.expectOwn(socket, "message");',
  ],
  "@modelcontextprotocol/sdk": [
    'MCP, with `import { openMcp } from "watertight"`:',
    '  const session = await openMcp(user, "/mcp");',
    '  await session.callTool("name-of-a-tool", { text: user.canary("text") });',
  ],
  graphql: [
    'GraphQL, with `import { graphql } from "watertight"`:',
    '  await graphql(user, "/graphql", "mutation ($text: String!) { … }", { text: user.canary("text") });',
  ],
});

/** What the first scenario of a config does, with comments on what to make of it. */
export function scenarioLines({ dependencies }: Project, { gets, post }: Chosen): string[] {
  const others = Object.entries(CONVERSATIONS).filter(([name]) => dependencies.has(name));
  return [
    "// What one user does, written as if there were no other. A canary is a secret of this user: if anybody",
    "// else receives it, that is a leak. Each user must get something of their own back, or nothing is proved.",
    "async scenario(user) {",
    ...(post === undefined ? [] : postLines(post)).map(inside),
    ...gets.map((path) => inside(`await user.fetch(${JSON.stringify(path)});`)),
    ...others.flatMap(([, lines]) => lines.map((line) => inside(`// ${line}`))),
    "},",
  ];
}

function postLines({ path, fields, file }: Route): string[] {
  const [label = "text", ...others] = fields.slice(0, MOST_FIELDS);
  const values = [label, ...others].map((field) => `${keyOf(field)}: ${valueOf(field)}`);
  const note = fields.length === 0 ? "correct what it takes" : "reads these fields";
  return [
    `// ${file} has this route: ${note}. If the answer repeats one, make sure of it:`,
    `//   await user.expectOwn(answer, ${JSON.stringify(label)});`,
    `const answer = await user.fetch(${JSON.stringify(path)}, {`,
    '  method: "POST",',
    `  json: { ${values.join(", ")} },`,
    "});",
    "if (answer.status >= 400) throw new Error(`The server refused: ${answer.status}`);",
  ];
}

function valueOf(field: string): string {
  if (/e-?mail/i.test(field)) return ownName(field);
  return `user.canary(${JSON.stringify(field)})`;
}

/** The user's own name, as a field of that name wants it. */
export function ownName(field: string): string {
  return /e-?mail/i.test(field) ? "`${user.id}@example.com`" : "user.id";
}

/** A key of an object, in quotes if it needs them. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function inside(line: string): string {
  return `  ${line}`;
}
