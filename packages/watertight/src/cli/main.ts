import { ToolError } from "../errors.ts";
import { readCommand } from "./arguments.ts";
import { runCheck } from "./check-command.ts";
import { runSoak } from "./soak-command.ts";
import { VERSION } from "./version.ts";

const FAILED_TO_WORK = 2;
const INTERRUPTED = 130;

async function main(words: readonly string[], signal: AbortSignal): Promise<number> {
  const command = readCommand(words);
  if (command.name === "help") {
    // Only help lists the checks; they bring the whole suite with them.
    const { helpOn } = await import("./help.ts");
    process.stdout.write(helpOn(command.topic));
    return 0;
  }
  if (command.name === "version") {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (command.name === "init") {
    // Only these two read code or explain: who checks should not wait for them.
    const { runInit } = await import("./init-command.ts");
    process.stdout.write(await runInit(command.arguments, process.cwd()));
    return 0;
  }
  const color = process.env["NO_COLOR"] === undefined;
  if (command.name === "explain") {
    const { explain } = await import("./explain-command.ts");
    const { stdout } = process;
    const width = Math.min(stdout.columns ?? 100, 120);
    const options = { folder: process.cwd(), color: color && stdout.isTTY, width };
    process.stdout.write(await explain(command.arguments, options));
    return 0;
  }
  const line = {
    stdout: process.stdout,
    stderr: process.stderr,
    folder: process.cwd(),
    environment: process.env,
    color,
    signal,
  };
  return command.name === "check"
    ? runCheck(command.arguments, line)
    : runSoak(command.arguments, line);
}

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());

main(process.argv.slice(2), interrupt.signal).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    if (interrupt.signal.aborted) {
      process.exitCode = INTERRUPTED;
      return;
    }
    const text = ToolError.is(error) ? `${error.message}\n(${error.code})` : String(error);
    process.stderr.write(`watertight could not work: ${text}\n`);
    process.exitCode = FAILED_TO_WORK;
  },
);
