import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { CanaryBook } from "../canary.ts";
import { resolveConfig } from "../config/resolve-config.ts";
import { ToolError } from "../errors.ts";
import { overlap } from "../patterns/pattern.ts";
import { createIdentities, type SimulatedUser } from "../simulate/simulated-user.ts";
import { Bench } from "./bench.ts";
import { playScenario } from "./conversations.ts";
import type { RoundResult } from "./round.ts";
import { createBlindWitness } from "./witness.ts";

const USERS = 4;

/**
 * Proves, before anything is said of a target, that the instruments work here and now: an echo server
 * must give no finding, and a server that repeats everything to everybody one for each pair of users.
 * Throws WT_SELF_CHECK_FAILED.
 */
export async function checkInstruments(): Promise<void> {
  const echo = await playAgainst((sender) => [sender]);
  const control = `${echo.control.received} of ${echo.control.expected}`;
  if (echo.observations.length > 0 || echo.control.received < USERS) {
    throw broken(
      `no finding and ${USERS} own canaries from an echo server`,
      `${echo.observations.length} findings and ${control} canaries`,
    );
  }
  const shout = await playAgainst((_sender, everybody) => everybody);
  const pairs = USERS * (USERS - 1);
  if (shout.observations.length !== pairs) {
    throw broken(
      `${pairs} leaks from a server that repeats everything to everybody`,
      `${shout.observations.length}`,
    );
  }
}

type Recipients = (sender: WebSocket, everybody: readonly WebSocket[]) => readonly WebSocket[];

async function playAgainst(recipientsOf: Recipients): Promise<RoundResult> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const everybody: WebSocket[] = [];
  let ready: () => void = () => {};
  const allIn = new Promise<void>((resolve) => (ready = resolve));
  sockets.on("connection", (socket) => {
    everybody.push(socket);
    if (everybody.length === USERS) ready();
    socket.on("message", (data) => {
      for (const recipient of recipientsOf(socket, everybody)) recipient.send(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await playTrial(`http://127.0.0.1:${port}`, allIn);
  } finally {
    sockets.close();
    server.close();
    server.closeAllConnections();
  }
}

async function playTrial(baseUrl: string, allIn: Promise<void>): Promise<RoundResult> {
  const book = new CanaryBook();
  const config = resolveConfig(
    {
      target: { command: "none", url: baseUrl },
      async scenario(user: SimulatedUser) {
        const socket = await user.webSocket("/");
        await allIn;
        socket.send({ text: user.canary("text") });
        await user.expectOwn(socket, "text");
      },
    },
    ".",
  );
  const bench = new Bench({
    config,
    target: { baseUrl, death: undefined, output: "" },
    witness: createBlindWitness("The self-check looks at bytes only"),
    book,
    identities: createIdentities(USERS, book),
    seed: 1,
    onProgress: () => {},
  });
  return bench.play({ pattern: overlap, task: playScenario(bench), quietMs: 50 });
}

function broken(expected: string, found: string): ToolError {
  return new ToolError(
    "WT_SELF_CHECK_FAILED",
    `Expected ${expected}, got ${found}: the instruments don't work on this machine, so no verdict would mean anything. Please report it with the output of \`node --version\`.`,
  );
}
