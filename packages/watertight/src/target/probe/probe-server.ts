import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLineReader, type ProbeAnswer, type ProbeHello } from "./messages.ts";
import { ProbedProcess } from "./probed-process.ts";

export interface ProbeServerOptions {
  /** The NODE_OPTIONS that the target would have without a probe; they are kept. */
  readonly existingNodeOptions: string | undefined;
}

/** Where probed processes report. */
export interface ProbeServer extends AsyncDisposable {
  /** To be added to the target's environment. */
  readonly env: Readonly<Record<"WATERTIGHT_PROBE" | "NODE_OPTIONS", string>>;
  /** The processes that report now, in the order in which they started. */
  processes(): readonly ProbedProcess[];
}

/**
 * Opens a local socket for the target's probes. A target that loses it ends itself, so that it never
 * outlives the suite.
 */
export async function createProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const folder = await mkdtemp(join(tmpdir(), "watertight-probe-"));
  const path =
    process.platform === "win32"
      ? join("\\\\.\\pipe", folder.replaceAll(/[\\/:]/g, "-"))
      : join(folder, "socket");
  const processes = new Set<ProbedProcess>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    accept(socket, processes);
  });
  await listen(server, path);
  const preload = new URL("./preload.js", import.meta.url).href;
  const nodeOptions = [options.existingNodeOptions, `--import=${preload}`]
    .filter(Boolean)
    .join(" ");
  return {
    env: { WATERTIGHT_PROBE: path, NODE_OPTIONS: nodeOptions },
    processes: () => [...processes],
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accept(socket: Socket, processes: Set<ProbedProcess>): void {
  let probed: ProbedProcess | undefined;
  const read = createLineReader((line) => {
    const message = JSON.parse(line) as ProbeHello | ProbeAnswer;
    if (!("hello" in message)) return probed?.receive(message);
    probed = new ProbedProcess(socket, message.hello);
    processes.add(probed);
  });
  socket.setEncoding("utf8").on("data", (text: string) => read(text));
  socket.on("error", () => {});
  socket.once("close", () => probed !== undefined && processes.delete(probed));
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}
