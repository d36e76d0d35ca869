import { once } from "node:events";
import { io, type Socket } from "socket.io-client";
import { WebSocket } from "ws";
import type { Contender } from "./messages.ts";

/** One user's socket, whatever it speaks. */
export interface Device {
  /** Asks, and calls `onText` with every frame that comes from then on. */
  ask(runId: string, onText: (text: string) => void, onClosed: () => void): void;
  close(): void;
}

/** Connects a user the way the contender's clients do. */
export function connect(contender: Contender, port: number, user: string): Promise<Device> {
  return contender === "socket.io" ? connectSocketIo(port, user) : connectWebSocket(port, user);
}

async function connectWebSocket(port: number, user: string): Promise<Device> {
  const options = { headers: { "x-user": user }, perMessageDeflate: false };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, options);
  await once(socket, "open");
  return {
    ask(runId, onText, onClosed) {
      socket.removeAllListeners();
      socket.on("message", (data: Buffer) => onText(data.toString())).once("close", onClosed);
      const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
      socket.send(JSON.stringify({ type: "run", agent: "talker", input }));
    },
    close: () => socket.terminate(),
  };
}

async function connectSocketIo(port: number, user: string): Promise<Device> {
  const socket: Socket = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    auth: { user },
    forceNew: true,
    reconnection: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("connect_error", reject);
  });
  return {
    ask(runId, onText, onClosed) {
      socket.removeAllListeners();
      socket.on("event", (event: object) => onText(JSON.stringify(event)));
      socket.once("disconnect", onClosed);
      socket.emit("run", { threadId: "thread", runId });
    },
    close: () => void socket.disconnect(),
  };
}
