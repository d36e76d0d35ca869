import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readCommand } from "../../src/cli/arguments.ts";
import { runInit } from "../../src/cli/init-command.ts";
import { findConfig } from "../../src/config/find-config.ts";
import { projectFolder } from "../init/project-folder.ts";

const SERVER = `
  import express from "express";
  const app = express();
  app.get("/me", (request, response) => response.end());
  app.listen(process.env.PORT);`;
const PROJECT = Object.freeze({
  "package.json": { type: "module", dependencies: { express: "5" } },
  "server.js": SERVER,
});

it("writes a config that can be read as it is, and says what it saw and what comes next", async () => {
  await using folder = await projectFolder(PROJECT);
  const said = await runInit({ folder: ".", force: false }, folder.path);
  const path = join(folder.path, "watertight.config.mjs");
  const text = await readFile(path, "utf8");
  // The package is not installed in a temporary folder.
  const code = text.replace(
    'import { defineConfig } from "watertight";',
    "const defineConfig = (c) => c;",
  );
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const config = await findConfig(path, ".", () => import(url));

  expect(config).toMatchObject({ target: { command: "node server.js" }, signsIn: true });
  expect(said.replaceAll(/ +/g, " ")).toBe(
    `
 Looked at package.json and 1 file
 Uses Express
 Starts node server.js (server.js, which opens a port)
 Port read from PORT (server.js)
 Routes GET /me

Wrote watertight.config.mjs: each user does GET /me.
Say in it how a user signs in and what a user does, then: npx watertight check
`.slice(1),
  );
});

it("writes TypeScript where there is some, and names the folder", async () => {
  await using folder = await projectFolder({ "app/tsconfig.json": {}, "app/server.js": SERVER });

  expect(await runInit({ folder: "app", force: false }, folder.path)).toMatch(
    /Wrote app\/watertight\.config\.ts:[\s\S]*npx watertight check app\n$/,
  );
});

it("says that it could not tell how the server is started", async () => {
  await using folder = await projectFolder({});

  expect(await runInit({ folder: ".", force: false }, folder.path)).toContain(
    "How the server is started could not be told: put it in the place of `node PUT-YOUR-SERVER-HERE.js`.",
  );
});

it("replaces a config by force only, whatever it is called", async () => {
  await using folder = await projectFolder({ ...PROJECT, "watertight.config.js": "mine" });
  const path = join(folder.path, "watertight.config.js");

  await expect(runInit({ folder: ".", force: false }, folder.path)).rejects.toMatchObject({
    code: "WT_USAGE",
    message: expect.stringContaining("found watertight.config.js: --force replaces it"),
  });
  expect(await readFile(path, "utf8")).toBe("mine");
  await runInit({ folder: ".", force: true }, folder.path);
  expect(await readFile(path, "utf8")).toContain("defineConfig");
});

it("wants a folder", async () => {
  await expect(runInit({ folder: "nowhere", force: true }, ".")).rejects.toThrow(
    "Expected a folder to look at, got `nowhere`",
  );
});

it("is read from the command line, with nothing of a check", () => {
  expect(readCommand(["init", "app", "--force"])).toEqual({
    name: "init",
    arguments: { folder: "app", force: true },
  });
  expect(() => readCommand(["init", "--users", "3"])).toThrow(
    "--users with `watertight check or soak`",
  );
  expect(() => readCommand(["check", "--force"])).toThrow("--force with `watertight init` only");
});
