import { readJson, type Received } from "../received.ts";
import { isTerminal, readRunEvent, type RunEvent } from "../run-event.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { UserSocket } from "../simulate/user-socket.ts";

/** A run as one device asked for it. */
export interface RunRequest {
  readonly agent: string;
  readonly threadId: string;
  readonly runId: string;
  readonly text: string;
  readonly forwardedProps?: Readonly<Record<string, unknown>>;
}

/** Where a device goes on: in which session, and after which position of the user's events. */
export interface DevicePlace {
  readonly session?: string;
  readonly after?: string;
}

/** One device of a user at an agent back end: a WebSocket on which AG-UI events of many runs arrive. */
export class AgentDevice {
  readonly socket: UserSocket;
  /** What the server said when it was ready: session and position, if it has such. */
  readonly place: DevicePlace;
  readonly #user: SimulatedUser;

  private constructor(user: SimulatedUser, socket: UserSocket, place: DevicePlace) {
    this.#user = user;
    this.socket = socket;
    this.place = place;
  }

  /** Connects and waits for the server's ready frame; with a place, asks to go on from there. */
  static async open(
    user: SimulatedUser,
    path: string,
    { session, after }: DevicePlace = {},
  ): Promise<AgentDevice> {
    const query = new URLSearchParams({
      ...(session === undefined ? {} : { session }),
      ...(after === undefined ? {} : { after }),
    }).toString();
    const socket = await user.webSocket(query === "" ? path : `${path}?${query}`);
    const frame = await socket.find(
      (received) => readJson(received)?.["type"] === "ready",
      user.patience(),
    );
    const { sessionId, position } = readJson(frame) ?? {};
    return new AgentDevice(user, socket, {
      ...(typeof sessionId === "string" ? { session: sessionId } : {}),
      ...(typeof position === "string" ? { after: position } : {}),
    });
  }

  /** Asks for a run. */
  start(request: RunRequest): void {
    const { agent, threadId, runId, text, forwardedProps = {} } = request;
    const messages = [{ id: `message-${runId}`, role: "user", content: text }];
    const input = { threadId, runId, messages, tools: [], context: [], state: {}, forwardedProps };
    this.socket.send({ type: "run", agent, input });
  }

  /** Asks to cancel a run, one's own or, in an attack, somebody else's. */
  cancel(runId: string): void {
    this.socket.send({ type: "cancel", runId });
  }

  /** Resolves with the event that ends `runId` on this device; rejects when the wait is too long. */
  async ended(runId: string): Promise<RunEvent> {
    const isEnd = (received: Received): boolean => {
      const event = readRunEvent(received);
      return event !== undefined && event.runId === runId && isTerminal(event);
    };
    const received = await this.socket.find(isEnd, this.#user.patience());
    return readRunEvent(received) as RunEvent;
  }

  /** Resolves with the first event of `runId`. */
  async began(runId: string): Promise<RunEvent> {
    const isFirst = (received: Received): boolean => readRunEvent(received)?.runId === runId;
    return readRunEvent(await this.socket.find(isFirst, this.#user.patience())) as RunEvent;
  }

  /** Resolves with the next error answer that `matches`. */
  async refused(matches: (frame: Readonly<Record<string, unknown>>) => boolean): Promise<Received> {
    const isRefusal = (received: Received): boolean => {
      const frame = readJson(received);
      return frame?.["type"] === "error" && matches(frame);
    };
    return this.socket.find(isRefusal, this.#user.patience());
  }

  /** All events of `runId` that have arrived on this device, in order of arrival. */
  eventsOf(runId: string): readonly RunEvent[] {
    const events = this.socket.received.map(readRunEvent);
    return events.filter((event): event is RunEvent => event?.runId === runId);
  }
}
