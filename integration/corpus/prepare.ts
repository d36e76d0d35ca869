import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CACHE, type Case, CORPUS, type Side, SIDES } from "./cases.ts";

/** A server that is installed and built, ready to be started. */
export interface Prepared {
  readonly folder: string;
  /** The same as long as lock file, server, config, build command and environment are. */
  readonly inputs: string;
}

const execute = promisify(execFile);
const MANIFEST = Object.freeze(["package.json", "package-lock.json"]);
const INSTALLED = ".installed";
const BUILT = ".built";

/** Changes when anything does that a result of the side depends on. */
export async function hashInputs(target: Case, side: Side): Promise<string> {
  const { id, build = "", environment } = target;
  const source = join(CORPUS, id);
  const names = [...(await sourceFiles(source)), ...MANIFEST.map((name) => join(side, name))];
  const hash = createHash("sha256").update(build);
  if (environment !== undefined) hash.update(JSON.stringify(environment));
  for (const name of names.toSorted()) hash.update(name).update(await readFile(join(source, name)));
  return hash.digest("hex");
}

/**
 * Installs the pins of a side with `npm ci`, without scripts, copies the server beside them and builds it. What was
 * done before and has not changed is not done again. Rejects with the output of what failed, and if the
 * package is not there in the version of its pin.
 */
export async function prepare(
  target: Case,
  side: Side,
  onStep: (step: string) => void,
): Promise<Prepared> {
  const folder = join(CACHE, target.id, side);
  await install(target, side, folder, onStep);
  const inputs = await hashInputs(target, side);
  if ((await readStamp(folder, BUILT)) !== inputs) {
    await copySources(join(CORPUS, target.id), folder);
    if (target.build !== undefined) {
      onStep("building");
      const [program = "", ...words] = target.build.split(" ");
      await run(program, words, folder, target.environment);
    }
    await writeFile(join(folder, BUILT), inputs);
  }
  return { folder, inputs };
}

async function install(
  target: Case,
  side: Side,
  folder: string,
  onStep: (step: string) => void,
): Promise<void> {
  const source = join(CORPUS, target.id, side);
  const lock = createHash("sha256");
  for (const name of MANIFEST) lock.update(await readFile(join(source, name)));
  const stamp = lock.digest("hex");
  if ((await readStamp(folder, INSTALLED)) !== stamp) {
    onStep("installing");
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const name of MANIFEST) await cp(join(source, name), join(folder, name));
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
    await writeFile(join(folder, INSTALLED), stamp);
  }
  const manifest = join(folder, "node_modules", target.package, "package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { readonly version: string };
  const pin = target.pins[side];
  if (version !== pin) {
    throw new Error(`Expected ${target.package} ${pin} in ${folder}, got ${version}`);
  }
}

/** What an earlier copy or build has left is taken away first. */
async function copySources(source: string, folder: string): Promise<void> {
  const kept = ["node_modules", INSTALLED, ...MANIFEST];
  for (const name of await readdir(folder)) {
    if (!kept.includes(name)) await rm(join(folder, name), { recursive: true });
  }
  for (const name of await sourceFiles(source)) await cp(join(source, name), join(folder, name));
}

async function sourceFiles(source: string): Promise<string[]> {
  const skipped = ["case.json", ...SIDES];
  const top = (await readdir(source)).filter((name) => !skipped.includes(name));
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
    .filter((path) => top.includes(path.split(/[\\/]/)[0] ?? ""));
}

async function readStamp(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), "utf8").catch(() => undefined);
}

async function run(
  program: string,
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const options = { cwd: folder, env: { ...process.env, ...environment }, maxBuffer: 2 ** 26 };
  await execute(program, words, options).catch((error: unknown) => {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    const command = [program, ...words].join(" ");
    throw new Error(`Expected \`${command}\` to work in ${folder}, got:\n${stdout}${stderr}`);
  });
}
