import { type Chosen, chooseRoutes } from "./choose-routes.ts";
import type { Project } from "./inspect-project.ts";
import { keyOf, ownName, scenarioLines } from "./scenario-text.ts";

/** What stands in a config for a command that nobody could tell. */
export const PLACEHOLDER = "node PUT-YOUR-SERVER-HERE.js";

/** Writes the text of a config: it runs as it is, and says in comments what to replace. */
export function configText(project: Project): string {
  const chosen = chooseRoutes(project.routes);
  const lines = [
    'import { defineConfig } from "watertight";',
    "",
    "// Every key is explained in watertight's docs/configuration.md.",
    "export default defineConfig({",
    ...indented(targetLines(project, chosen)),
    ...indented(signInLines(chosen)),
    ...indented(scenarioLines(project, chosen)),
    "});",
  ];
  return `${lines.join("\n")}\n`;
}

function targetLines({ start, port }: Project, { health }: Chosen): string[] {
  const command = start.command ?? PLACEHOLDER;
  return [
    "target: {",
    ...indented([
      `// ${start.command === undefined ? "How is your server started? Put it here." : oneLine(start.source)}`,
      ...start.notes.map((note) => `// ${note}`),
      `command: ${JSON.stringify(command)},`,
      ...portLines(port),
      ...(health === undefined ? [] : [`ready: ${JSON.stringify(health)},`]),
    ]),
    "},",
  ];
}

function portLines(port: Project["port"]): string[] {
  if (port?.from === "PORT") return ["// It reads PORT, which is set to a free port."];
  if (port === undefined) {
    return [
      "// It must listen on the port in PORT; if it has one of its own, name it:",
      '// url: "http://127.0.0.1:3000",',
    ];
  }
  return [
    `// ${port.file} names this port. Better: let the server read PORT, and leave this out.`,
    `url: "http://127.0.0.1:${port.port}",`,
  ];
}

function signInLines({ login }: Chosen): string[] {
  const path = login?.path ?? "/login";
  const fields = login?.fields ?? [];
  const values = (fields.length === 0 ? ["name", "password"] : fields).map(
    (field) => `${keyOf(field)}: ${/pass|secret/i.test(field) ? '"…"' : ownName(field)}`,
  );
  return [
    "// Called once for each user. The headers go with every request and socket of the user, and so do cookies",
    "// that the server sets. Replace it by how users of your server sign in: make a token for `user.id`, or",
    login === undefined
      ? "// ask for a session:"
      : `// ask for a session, as ${login.file} has it:`,
    `//   await user.fetch(${JSON.stringify(path)}, { method: "POST", json: { ${values.join(", ")} } });`,
    "async signIn(user) {",
    "  return { headers: { authorization: `Bearer ${user.id}` } };",
    "},",
  ];
}

/** Two spaces before each line that is not empty. */
function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}

/** A script may be written over several lines; a comment may not. */
function oneLine(text: string): string {
  return `Found by ${text.replaceAll(/\s+/g, " ")}`;
}
