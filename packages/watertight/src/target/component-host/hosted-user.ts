import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import { isRecord } from "../../received.ts";
import type {
  BridgePart,
  ComponentRun,
  Components,
  ComponentUser,
  ManagerPart,
  RegistryPart,
} from "./components.ts";
import { AgentDeath, HOSTED_AGENTS } from "./hosted-agents.ts";

interface Parts {
  readonly manager: ManagerPart;
  readonly bridge: BridgePart;
}

/**
 * One user of the host: the parts that the module's factories made for this user, once, and the
 * frames that the user's sockets send.
 */
export class HostedUser {
  readonly #user: ComponentUser;
  readonly #components: Components;
  readonly #parts: Promise<Parts>;
  readonly #sockets = new Set<WebSocket>();
  readonly #runs = new Set<Promise<void>>();
  #registry: Promise<RegistryPart> | undefined;

  constructor(user: ComponentUser, components: Components) {
    this.#user = user;
    this.#components = components;
    this.#parts = this.#create();
  }

  get isIdle(): boolean {
    return this.#sockets.size === 0 && this.#runs.size === 0;
  }

  /** Hands a socket to the user's manager and says `ready` on it. */
  async connect(socket: WebSocket): Promise<void> {
    const { manager } = await this.#parts;
    const sessionId = randomUUID();
    this.#sockets.add(socket);
    await manager.connect(socket, sessionId);
    socket.send(JSON.stringify({ type: "ready", protocolVersion: "1.0", sessionId }));
  }

  disconnect(socket: WebSocket): void {
    this.#sockets.delete(socket);
  }

  /** Resolves when no run is going on any more. */
  async settled(): Promise<void> {
    while (this.#runs.size > 0) await Promise.allSettled(this.#runs);
  }

  /** Acts on a frame; what can't be done is answered on the same socket. */
  async receive(socket: WebSocket, text: string): Promise<void> {
    const frame = parse(text);
    if (frame === undefined) return refuse(socket, "FRAME_INVALID", "Expected a JSON object.");
    if (frame["type"] === "run") return this.#start(socket, frame);
    if (frame["type"] === "cancel") return this.#cancel(socket, String(frame["runId"]));
    refuse(socket, "FRAME_UNKNOWN", "Expected a frame of type run or cancel.");
  }

  /** Disposes the parts, last made first. */
  async dispose(): Promise<void> {
    const { manager, bridge } = await this.#parts;
    const registry = await this.#registry;
    await registry?.dispose?.();
    await bridge.dispose?.();
    await manager.dispose?.();
  }

  async #create(): Promise<Parts> {
    const manager = await this.#components.createManager(this.#user);
    const bridge = await this.#components.createBridge(this.#user, manager);
    return { manager, bridge };
  }

  async #start(socket: WebSocket, frame: Readonly<Record<string, unknown>>): Promise<void> {
    const input = isRecord(frame["input"]) ? frame["input"] : {};
    const agentName = String(frame["agent"]);
    const agent = Object.hasOwn(HOSTED_AGENTS, agentName) ? HOSTED_AGENTS[agentName] : undefined;
    if (agent === undefined) return refuse(socket, "AGENT_UNKNOWN", "Expected a known agent.");
    const run = { runId: String(input["runId"]), threadId: String(input["threadId"]), agentName };
    const { bridge } = await this.#parts;
    const registry = await this.#registryFor(run);
    await registry.start(run, (signal) => {
      const work = this.#work(bridge, run, () =>
        agent({ run, text: words(input), bridge, signal }),
      );
      this.#runs.add(work);
      return work.finally(() => this.#runs.delete(work));
    });
  }

  async #work(
    bridge: BridgePart,
    run: ComponentRun & { agentName: string },
    agent: () => Promise<void>,
  ): Promise<void> {
    await bridge.openRun(run);
    await bridge.agentStarted(run.runId, { agentName: run.agentName });
    try {
      await agent();
      await bridge.agentCompleted(run.runId);
    } catch (error) {
      if (error instanceof AgentDeath) await bridge.agentDeath(run.runId, error.message);
      else await bridge.agentError(run.runId, "The agent failed.");
    }
  }

  async #cancel(socket: WebSocket, runId: string): Promise<void> {
    const registry = await this.#registry;
    const isCancelled = Boolean(await registry?.cancel(runId));
    if (!isCancelled) refuse(socket, "RUN_UNKNOWN", "Expected a run of this user.");
  }

  /** One registry a user: a run must be found again by the request that cancels it. */
  #registryFor(run: ComponentRun): Promise<RegistryPart> {
    this.#registry ??= this.#components.createRegistry({ ...run, user: this.#user });
    return this.#registry;
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return isRecord(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

function words(input: Readonly<Record<string, unknown>>): string {
  const messages: unknown[] = Array.isArray(input["messages"]) ? input["messages"] : [];
  const last = messages.at(-1);
  return isRecord(last) ? String(last["content"]) : "";
}

function refuse(socket: WebSocket, code: string, message: string): void {
  socket.send(JSON.stringify({ type: "error", code, message, retryable: false }));
}
