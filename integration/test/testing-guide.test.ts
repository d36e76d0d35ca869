import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunnerRun } from "./runner-run.ts";
import { ROOT } from "./watertight-run.ts";

// Inside the repository, so that the package is found as a user's project finds it.
const FOLDER = join(ROOT, ".watertight", "testing-guide");

/** What the reader brings along. */
const GIVEN: Readonly<Record<string, string>> = {
  "cart.ts": `
    export class Cart {
      readonly #items: object[] = [];
      add(item: object): void { this.#items.push(item); }
      close(): void { this.#items.length = 0; }
    }
    export function createCart(): Cart { return new Cart(); }
  `,
  "server.ts": `
    import { once } from "node:events";
    import { createServer } from "node:http";
    import type { AddressInfo } from "node:net";
    import { WebSocketServer } from "ws";
    export async function listen(): Promise<{ baseUrl: string; close: () => Promise<void> }> {
      const server = createServer((_request, response) => response.end("ok"));
      const sockets = new WebSocketServer({ server });
      sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data, { binary: false })));
      await once(server.listen(0, "127.0.0.1"), "listening");
      const close = async (): Promise<void> => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      };
      return { baseUrl: \`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`, close };
    }
  `,
  "vitest.config.js": `export default { test: { root: import.meta.dirname, include: ["out/*.test.js"] } };`,
  "package.json": JSON.stringify({ type: "module", private: true }),
  "tsconfig.json": JSON.stringify({
    extends: "../../tsconfig.base.json",
    files: [],
    include: ["*.ts"],
    compilerOptions: {
      composite: false,
      isolatedDeclarations: false,
      outDir: "out",
    },
  }),
};

/** The examples of the guide, by the name in their first line. */
function examples(): Map<string, string> {
  const guide = readFileSync(join(ROOT, "docs", "testing.md"), "utf8");
  const blocks = [...guide.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```/gms)];
  return new Map(blocks.map(([, name = "", code = ""]) => [name, code]));
}

beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of [...Object.entries(GIVEN), ...examples()]) {
    writeFileSync(join(FOLDER, name), text);
  }
  cpSync(join(ROOT, "integration/targets/echo"), join(FOLDER, "out/app"), { recursive: true });
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const compiled = promisify(execFile)(process.execPath, [compiler, "-p", FOLDER]);
  await expect(compiled).resolves.toMatchObject({ stdout: "" });
}, 120_000);

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test("the guide has examples, and each stands in one file", () => {
  expect([...examples().keys()]).toEqual([
    "isolation.test.ts",
    "isolation.node.ts",
    "cart.node.ts",
    "chat.node.ts",
    "parts.node.ts",
  ]);
});

test.each([
  ["isolation.node.js", 2],
  ["cart.node.js", 1],
  ["chat.node.js", 1],
  ["parts.node.js", 3],
])("%s of the guide runs in node:test as it stands", async (name, passed) => {
  const { exitCode, output } = await new RunnerRun(["--test", join(FOLDER, "out", name)]).finished;
  expect(exitCode, output).toBe(0);
  expect(output).toContain(`# pass ${passed}\n`);
});

test("isolation.test.js of the guide runs in Vitest as it stands", async () => {
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const config = join(FOLDER, "vitest.config.js");
  const { exitCode, output } = await new RunnerRun([vitest, "run", "--config", config]).finished;
  expect(exitCode, output).toBe(0);
  expect(output).toContain("2 passed | 13 skipped (15)");
});
