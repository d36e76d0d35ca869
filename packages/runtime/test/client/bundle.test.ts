import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build, type Format } from "esbuild";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type * as ClientModule from "../../src/client/index.ts";
import { startScriptedServer } from "./scripted-server.ts";

const MAX_BYTES = 12 * 1024;
const ENTRY = fileURLToPath(new URL("../../src/client/index.ts", import.meta.url));

/** What a page loads. */
async function bundle(format: Format, entry = ENTRY): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format,
    globalName: "watertight",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** Names of Node that no browser has. */
const NODE_ONLY = /\bnode:|\brequire\b|\bprocess\b|\bBuffer\b|\bsetImmediate\b|__dirname/;

describe("the client in a browser", () => {
  it("is small, and has nothing of Node in it", async () => {
    const text = await bundle("esm");
    const bytes = gzipSync(text, { level: 9 }).length;
    console.log(`client: ${text.length} bytes minified, ${bytes} compressed`);

    expect(bytes).toBeLessThan(MAX_BYTES);
    expect(bytes).toBeGreaterThan(2000);
    expect(text).not.toMatch(NODE_ONLY);
    expect(text).not.toMatch(/ZodError|safeParse/);
  });

  it("would not pass if it took the server's part of the wire along", async () => {
    const frames = fileURLToPath(new URL("../../src/protocol/frames.ts", import.meta.url));
    const text = await bundle("esm", frames);

    expect(gzipSync(text, { level: 9 }).length).toBeGreaterThan(MAX_BYTES);
    expect(text).toMatch(/safeParse/);
  });

  it("runs where there is nothing but what browsers have", async () => {
    await using server = await startScriptedServer();
    const own = { WebSocket, URL, setTimeout, clearTimeout, crypto, performance, TextEncoder };
    const page = createContext({ ...own, url: server.url });
    runInContext(await bundle("iife"), page);
    runInContext(
      `globalThis.client = watertight.createClient({ url, ticket: () => "ticket" });
       globalThis.run = client.run({ agent: "echo", threadId: "thread" });`,
      page,
    );
    const { client, run } = page as {
      readonly client: ReturnType<typeof ClientModule.createClient>;
      readonly run: ReturnType<typeof client.run>;
    };
    expect(runInContext("typeof process + typeof Buffer + typeof require", page)).toBe(
      "undefinedundefinedundefined",
    );

    const line = await server.next();
    line.ready();
    line.start({ runId: run.runId });
    line.finish(2, { type: "success" }, { runId: run.runId });

    expect(await run.ended).toEqual({ status: "finished" });
    expect(run.runId).toMatch(/^[0-9a-f]{32}$/);
    await expect
      .poll(() => line.ofType("run"))
      .toMatchObject([{ input: { runId: run.runId, messages: [] } }]);
    await client.close();
  });
});
