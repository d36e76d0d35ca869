// Runs the guides whose frameworks this repository does not install: `node examples/guides/run.mjs [name]`.
// Each is installed and built in its own folder; the leaky variant must fail, the fixed one must pass.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const GUIDES = {
  nextjs: { variable: "DRAFTS", holder: "drafts" },
  sveltekit: { variable: "BASKET", holder: "basket" },
};
const HERE = fileURLToPath(new URL(".", import.meta.url));
const CHECK = ["watertight", "check", "--users", "8", "--only", "1.3"];

function run(name, words, variables = {}) {
  const environment = { ...process.env, ...variables };
  const options = { cwd: `${HERE}${name}`, env: environment, encoding: "utf8" };
  return spawnSync(words[0], words.slice(1), options);
}

function mustBe(name, { status, stdout, stderr }, wanted, text = "") {
  const isIt = status === wanted && stdout.replaceAll(/\s+/g, " ").includes(text);
  process.stdout.write(
    `${isIt ? "as expected" : "NOT AS EXPECTED"}: ${name}, exit code ${status}\n`,
  );
  if (!isIt) process.stdout.write(`${stdout}\n${stderr}\n`);
  return isIt;
}

function tryGuide(name, { variable, holder }) {
  const isBuilt =
    mustBe(`${name}: install`, run(name, ["npm", "ci", "--no-audit", "--no-fund"]), 0) &&
    mustBe(`${name}: build`, run(name, ["npm", "run", "build"]), 0);
  if (!isBuilt) return false;
  const leaky = run(name, ["npx", ...CHECK], { [variable]: "leaky" });
  const fixed = run(name, ["npx", ...CHECK], { [variable]: "fixed" });
  return [
    mustBe(`${name}: leaky`, leaky, 1, `variable ${holder} →`),
    mustBe(`${name}: fixed`, fixed, 0),
  ].every(Boolean);
}

const [wanted] = process.argv.slice(2);
const guides = Object.entries(GUIDES).filter(([name]) => wanted === undefined || wanted === name);
const outcomes = guides.map(([name, guide]) => tryGuide(name, guide));
process.exitCode = outcomes.length > 0 && outcomes.every(Boolean) ? 0 : 1;
