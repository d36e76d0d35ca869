import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Reader, READERS, type Reading, SHARED_PLACES } from "./heap-messages.ts";

const ROUNDS = 3;
/** So many orders make snapshots of about 30, 110 and 400 MB. */
const ORDERS = Object.freeze([23_000, 90_000, 330_000]);
const MEMLAB = "@memlab/core@2.0.5";
const PEERS = fileURLToPath(new URL("../.peers/", import.meta.url));
const MEMLAB_ENTRY = join(PEERS, "node_modules/@memlab/core/dist/index.js");
/** The default of Node is less than memlab needs for the largest snapshot. */
const READER_HEAP_MB = 8192;

/** Reads snapshots of a real process with the suite's reader and with memlab, and prints what each took. */
export async function compareHeapReaders(print: (text: string) => void): Promise<void> {
  const readers = (await installMemlab(print))
    ? READERS
    : READERS.filter((reader) => reader !== "memlab");
  const folder = await mkdtemp(join(tmpdir(), "watertight-bench-"));
  try {
    for (const orders of ORDERS) {
      const file = join(folder, `${orders}.heapsnapshot`);
      await run("heap-program.js", [file, String(orders)]);
      await compareOn(file, readers, print);
      await rm(file);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compareOn(
  file: string,
  readers: readonly Reader[],
  print: (text: string) => void,
): Promise<void> {
  const readings = new Map<Reader, Reading[]>(readers.map((reader) => [reader, []]));
  // Interleaved: what else the machine does meets every reader alike.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [reader, all] of readings) {
      const reading = await run<Reading>("heap-reader.js", [reader, file, MEMLAB_ENTRY]);
      assertFound(reader, reading);
      all.push(reading);
    }
  }
  const [yardstick] = [...readings.values()];
  const [{ nodes, edges } = { nodes: 0, edges: 0 }] = yardstick ?? [];
  const megabytes = (await stat(file)).size / 1e6;
  print(
    `\n${megabytes.toFixed(0)} MB, ${millions(nodes)} M nodes, ${millions(edges)} M edges, ${ROUNDS} interleaved rounds, medians`,
  );
  print("  reader              loaded s    done s   (least to most)    CPU s   peak MB    × time");
  for (const [reader, all] of readings) print(line(reader, all, yardstick ?? []));
}

/** A reader that is fast because it misses something must not win. */
function assertFound(reader: Reader, { found }: Reading): void {
  const missing =
    reader === "memlab"
      ? Number(found[0]) === 0
      : SHARED_PLACES.filter((place) => !found.includes(place)).length > 0;
  if (missing)
    throw new Error(`Expected ${reader} to find every shared place, got ${found.join(", ")}`);
}

function line(reader: Reader, readings: readonly Reading[], yardstick: readonly Reading[]): string {
  const seconds = readings.map((reading) => reading.seconds);
  const middle = median(seconds);
  const spread = `(${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)})`;
  const cells = [
    median(readings.map(({ loadSeconds }) => loadSeconds))
      .toFixed(2)
      .padStart(9),
    middle.toFixed(2).padStart(9),
    spread.padStart(17),
    median(readings.map(({ cpuSeconds }) => cpuSeconds))
      .toFixed(2)
      .padStart(8),
    median(readings.map(({ peakMegabytes }) => peakMegabytes))
      .toFixed(0)
      .padStart(9),
    (middle / median(yardstick.map((reading) => reading.seconds))).toFixed(2).padStart(9),
  ];
  return `  ${reader.padEnd(18)} ${cells.join(" ")}`;
}

/** memlab brings a browser's driver along, so it is no dependency of this repository. */
async function installMemlab(print: (text: string) => void): Promise<boolean> {
  if (existsSync(MEMLAB_ENTRY)) return true;
  print(`Installing ${MEMLAB} into ${PEERS}, without its scripts: they would fetch a browser`);
  await mkdir(PEERS, { recursive: true });
  await writeFile(join(PEERS, ".gitignore"), "*\n");
  try {
    const options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix", PEERS];
    await promisify(execFile)("npm", ["install", ...options, MEMLAB]);
    return true;
  } catch (error) {
    print(`${MEMLAB} can't be had, so only the suite's own reader is measured: ${String(error)}`);
    return false;
  }
}

/** Runs a program of this folder in a fresh process; answers what it sends before it ends. */
async function run<T>(program: string, parameters: readonly string[]): Promise<T> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [...parameters], {
    execArgv: [`--max-old-space-size=${READER_HEAP_MB}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  // memlab tells there how far it is; it matters only if something goes wrong.
  let told = "";
  child.stderr
    ?.setEncoding("utf8")
    .on("data", (text: string) => (told = (told + text).slice(-2000)));
  // The channel is closed when the last message has been read.
  const ended = Promise.all([once(child, "exit"), once(child, "disconnect")]);
  const answers: T[] = [];
  child.on("message", (answer) => answers.push(answer as T));
  const [[code]] = (await ended) as [[number | null], unknown];
  const [answer] = answers;
  if (code !== 0 || answer === undefined) {
    throw new Error(
      `Expected ${program} ${parameters.join(" ")} to answer, but it ended (${code}):\n${told}`,
    );
  }
  return answer;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function millions(count: number): string {
  return (count / 1e6).toFixed(1);
}
