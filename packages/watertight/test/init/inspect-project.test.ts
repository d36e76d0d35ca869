import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configText, PLACEHOLDER } from "../../src/init/config-text.ts";
import { inspectProject } from "../../src/init/inspect-project.ts";
import { readSources } from "../../src/init/sources.ts";
import { projectFolder } from "./project-folder.ts";

/** Looks at a project of these files. */
async function look(files: Readonly<Record<string, unknown>>) {
  await using folder = await projectFolder(files);
  return await inspectProject(folder.path);
}

describe("how a project is started", () => {
  const server = 'createServer().listen(Number(process.env["PORT"]));';

  it.each([
    [{ start: "node src/server.js" }, "node src/server.js"],
    [{ start: "NODE_ENV=production node server.js" }, "npm start"],
    [{ dev: "vite dev", "start:prod": "node dist/main" }, "node dist/main"],
    [{ dev: "tsx watch server.ts" }, "npm run dev"],
  ])("by its scripts %o: %s", async (scripts, command) => {
    const { start } = await look({ "package.json": { scripts }, "server.js": server });

    expect(start.command).toBe(command);
  });

  it("by its main file, or by the one that opens a port", async () => {
    const main = { "package.json": { main: "./app.js" }, "app.js": server, "other.js": server };
    const alone = { "src/server.mjs": server, "src/words.mjs": "export const a = 1;" };
    const typed = { "package.json": { devDependencies: { tsx: "4" } }, "server.ts": server };

    expect((await look(main)).start.command).toBe("node app.js");
    expect((await look(alone)).start.command).toBe("node src/server.mjs");
    expect((await look(typed)).start.command).toBe("node --import tsx server.ts");
  });

  it("isn't guessed", async () => {
    const two = await look({ "a.js": server, "b.js": server });
    const nothing = await look({ "package.json": "{ damaged" });

    for (const project of [two, nothing]) {
      expect(project.start.command).toBeUndefined();
      expect(configText(project)).toContain(`command: "${PLACEHOLDER}"`);
    }
  });

  it("says what must be built before", async () => {
    const scripts = { build: "tsc", start: "node dist/server.js" };
    const { start } = await look({ "package.json": { scripts } });

    expect(start.notes).toEqual(["Build it first: npm run build."]);
  });
});

describe("the port of a project", () => {
  it.each([
    ["app.listen(process.env.PORT ?? 3000);", { from: "PORT", file: "server.js" }],
    ["const { PORT = 3000 } = process.env;", { from: "PORT", file: "server.js" }],
    ["app.listen(3000);", { from: "code", port: 3000, file: "server.js" }],
    ["const port = 4000; app.listen(port);", { from: "code", port: 4000, file: "server.js" }],
    ["app.listen({ port: 5000 });", { from: "code", port: 5000, file: "server.js" }],
    ["serve({ fetch: app.fetch, port: 6000 });", { from: "code", port: 6000, file: "server.js" }],
    ["app.listen(configuration.port);", undefined],
  ])("in %s", async (code, port) => {
    expect((await look({ "server.js": code })).port).toEqual(port);
  });
});

describe("the files of a project", () => {
  it("are its own, and no tests", async () => {
    await using folder = await projectFolder({
      "server.js": "",
      "src/a.ts": "",
      "src/a.test.ts": "",
      "src/types.d.ts": "",
      "test/b.js": "",
      "dist/server.js": "",
      "node_modules/x/index.js": "",
      ".next/y.js": "",
      "watertight.config.ts": "",
      "notes.md": "",
    });
    const { files, isAll } = await readSources(folder.path);

    expect(files.map(({ path }) => path)).toEqual(["server.js", "src/a.ts"]);
    expect(isAll).toBe(true);
  });

  it("are at most 500, and 2 MB, the nearest first", async () => {
    const many = Array.from({ length: 510 }, (_, place) => [`deep/${place}.js`, ""]);
    await using folder = await projectFolder({ ...Object.fromEntries(many), "near.js": "" });
    await using large = await projectFolder({
      "a.js": " ".repeat(1_999_000),
      "b.js": " ".repeat(2000),
    });
    const { files, isAll } = await readSources(folder.path);

    expect([files.length, files[0]?.path, isAll]).toEqual([500, "near.js", false]);
    expect(await readSources(large.path)).toMatchObject({
      files: [{ path: "a.js" }],
      isAll: false,
    });
  });

  it("may be deeper than a stack, or no program at all", async () => {
    const deep = `const text = ${Array.from({ length: 20_000 }, () => '"a"').join(" + ")};`;
    const project = await look({ "deep.js": deep, "broken.js": "{", "server.js": "listen(" });

    expect([project.files.count, project.routes]).toEqual([3, []]);
  });

  it("may be there no more", async () => {
    const { files, isAll } = await readSources(join(import.meta.dirname, "nowhere"));

    expect([files, isAll]).toEqual([[], true]);
  });
});

describe("the config", () => {
  it("goes by the routes that tell most, and by the way users sign in", async () => {
    const text = configText(
      await look({
        "server.js": `
          app.get("/", page); app.get("/healthz", ok); app.get("/me", me); app.get("/notes/:id", one);
          app.get("/notes", list); app.post("/notes", ({ body }, response) => keep(body.text, body.email));
          app.post("/login", ({ body }, response) => signIn(body.email, body.password));`,
      }),
    );

    expect(text).toContain('ready: "/healthz"');
    expect(text).toContain('json: { text: user.canary("text"), email: `${user.id}@example.com` }');
    expect(text.match(/user\.fetch\("[^"]*"/g)).toEqual([
      'user.fetch("/login"',
      'user.fetch("/notes"',
      'user.fetch("/notes"',
      'user.fetch("/me"',
    ]);
  });

  it("asks for / where nothing was seen", async () => {
    expect(configText(await look({}))).toContain('await user.fetch("/");');
  });

  it("keeps a script of several lines in one comment", async () => {
    const text = configText(await look({ "package.json": { scripts: { start: "a\n&& b" } } }));

    expect(text).toContain('// Found by the script "start": a && b\n');
  });
});
