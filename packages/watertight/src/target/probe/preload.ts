// A program loaded into the target before its own code, and into what it starts: answers the suite's
// questions about memory. It prints nothing, keeps nothing alive, and does nothing without the suite.
import cluster from "node:cluster";
import { connect, type Socket } from "node:net";
import { getHeapCodeStatistics, setFlagsFromString, writeHeapSnapshot } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";
import { type DelayCoverage, DELAYS_VARIABLE } from "../delays/delayer.ts";
import {
  createLineReader,
  type CpuReading,
  type ProbeAnswer,
  type ProbeHello,
  type ProbeQuestion,
} from "./messages.ts";

const COLLECTIONS = 4;
/** The default cuts strings at 1,024 characters, and with them what stands behind. */
const STRING_LIMIT = 1_000_000;
const LAST_GRACE_MS = 3000;
/** How Node calls a socket that listens on a port. */
const TCP_SERVER = "TCPServerWrap";

function attach(path: string): void {
  const socket = connect(path);
  let isAttached = false;
  socket.unref();
  socket.setEncoding("utf8");
  socket.once("connect", () => {
    isAttached = true;
    const { pid, version: node } = process;
    const hello: ProbeHello = { hello: { pid, node, isWorker: cluster.isWorker } };
    socket.write(`${JSON.stringify(hello)}\n`);
  });
  socket.on("error", () => {});
  socket.once("close", () => isAttached && end());
  const read = createLineReader((line) => void answer(socket, JSON.parse(line) as ProbeQuestion));
  socket.on("data", (text: string) => read(text));
}

/** The suite is gone, however it went: nobody will stop this process any more. */
function end(): void {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), LAST_GRACE_MS).unref();
  process.kill(process.pid, "SIGTERM");
}

async function answer(socket: Socket, question: ProbeQuestion): Promise<void> {
  let reply: ProbeAnswer;
  try {
    reply = { id: question.id, value: await lookUp(question) };
  } catch (error) {
    reply = { id: question.id, error: String(error) };
  }
  socket.write(`${JSON.stringify(reply)}\n`);
}

async function lookUp(question: ProbeQuestion): Promise<unknown> {
  if (question.ask === "delays") return delayCoverage?.();
  if (question.ask === "cpu") return readCpu();
  if (question.ask === "listening") {
    return cluster.isWorker || process.getActiveResourcesInfo().includes(TCP_SERVER);
  }
  await collectGarbage();
  if (question.ask === "resources") return process.getActiveResourcesInfo();
  if (question.ask === "memory") return { ...process.memoryUsage(), code: compiledBytes() };
  setFlagsFromString(`--heap-snapshot-string-limit=${STRING_LIMIT}`);
  if (question.ask === "heap") return writeHeapSnapshot(question.file);
  const { findHeldBuffers, openSession } = await import("./held-buffers.ts");
  const session = await openSession();
  writeHeapSnapshot(question.file);
  // In the same turn: nothing has happened since.
  return { buffers: session && findHeldBuffers(session) };
}

function readCpu(): CpuReading {
  const { user, system } = process.cpuUsage();
  const { active } = performance.eventLoopUtilization();
  return { atMs: performance.now(), cpuMs: (user + system) / 1000, loopMs: active };
}

/** What the engine keeps of the code that it compiled: it learns for as long as the process lives. */
function compiledBytes(): number {
  const statistics = getHeapCodeStatistics();
  return statistics.code_and_metadata_size + statistics.bytecode_and_metadata_size;
}

/** Several times, with turns of the event loop between: finalizers and weak references take turns. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < COLLECTIONS; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Before any module of the application is loaded, and only in a process that is to be delayed. */
async function installDelays(): Promise<(() => DelayCoverage) | undefined> {
  const settings = process.env[DELAYS_VARIABLE];
  if (settings === undefined || settings === "") return undefined;
  const delays = await import("../delays/install.ts");
  return delays.installDelays(JSON.parse(settings));
}

const path = process.env["WATERTIGHT_PROBE"];
const delayCoverage = await installDelays();
// A worker thread has no heap that the suite asks for: its process answers.
if (isMainThread && path !== undefined && path !== "") attach(path);
