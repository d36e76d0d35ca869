import type { RunAgentInput } from "@ag-ui/core";
import { createRequestContext } from "../context/request-context.ts";
import { type ErrorCode, WatertightError } from "../errors.ts";
import type { Agent } from "../execution/agent.ts";
import type { NamedAgent } from "../execution/agent-execution-registry.ts";
import type { OnError } from "../internal/on-error.ts";
import { type ReadRunInput, readRunInput } from "../protocol/run-input.ts";
import type { Guest } from "./admission.ts";
import type { EventStreams, OpenStream } from "./event-streams.ts";
import { type HttpErrorCode, HttpRefusal, logUnavailable } from "./http-refusal.ts";
import { type BodyLimits, readJson } from "./read-body.ts";
import type { Exchange } from "./route-table.ts";
import { eventsGone, findRunPlace, type RunPlace } from "./run-place.ts";
import { renderRun } from "./run-rendering.ts";

/** What the endpoint needs; resolved by `createRuntime`. */
export interface AguiOptions {
  readonly agents: Readonly<Record<string, Agent>>;
  readonly streams: EventStreams;
  readonly body: BodyLimits;
  readonly onError: OnError;
}

type Asked = Exclude<ReadRunInput, { readonly error: string }>;

const REFUSALS: Readonly<Partial<Record<ErrorCode, HttpErrorCode>>> = Object.freeze({
  WT_RUN_CONFLICT: "RUN_CONFLICT",
  WT_THREAD_BUSY: "THREAD_BUSY",
  WT_RUN_LIMIT: "TOO_MANY_RUNS",
  WT_RUN_QUEUE_FULL: "TOO_MANY_RUNS",
  WT_SCOPE_DISPOSED: "UNAVAILABLE",
});

/**
 * `POST /agui/:agent`: starts a run and answers with its events, and with nothing else. A run id that
 * was used before starts nothing: the answer is what the run of then said and says. When the client
 * hangs up, the run goes on.
 */
export class AguiEndpoint {
  readonly #options: AguiOptions;

  constructor(options: AguiOptions) {
    this.#options = options;
  }

  async handle(exchange: Exchange, guest: Guest): Promise<void> {
    const { streams, body } = this.#options;
    const { request, params } = exchange;
    const agent = this.#find(params["agent"] ?? "");
    const asked = readRunInput(await readJson(request, body));
    if ("error" in asked) throw new HttpRefusal("INPUT_INVALID", asked.error);
    const line = await streams.open(exchange, guest, "run");
    const cursor = request.headers["last-event-id"]?.toString();
    const known = findRunPlace(line.resident.stream, asked.input.runId, cursor);
    if (known === undefined) this.#checkForgotten(line, asked.input.runId, cursor);
    const after = line.resident.stream.last;
    this.#start(line, agent, asked.input, guest.scopes);
    tell(line, asked, known ?? { after, isOver: false });
    // What was asked for anew begins with its first event: until then it can still be refused.
    if (known !== undefined) line.transport.begin();
  }

  #find(name: string): NamedAgent {
    const { agents } = this.#options;
    const agent = Object.hasOwn(agents, name) ? agents[name] : undefined;
    if (agent !== undefined) return { name, agent };
    throw new HttpRefusal("AGENT_UNKNOWN", "Expected the name of an agent of this server.");
  }

  /** Who has had events of a run, or whose run is remembered, did start it: never a second time. */
  #checkForgotten({ resident }: OpenStream, runId: string, cursor: string | undefined): void {
    if (cursor !== undefined || resident.registry.get(runId) !== undefined) throw eventsGone();
  }

  #start(
    { resident, connection }: OpenStream,
    agent: NamedAgent,
    input: RunAgentInput,
    scopes: Guest["scopes"],
  ): void {
    const { threadId, runId } = input;
    try {
      const request = createRequestContext(resident.user, { threadId, runId, scopes });
      resident.start(connection.sessionId, request, agent, input);
    } catch (error) {
      const code = WatertightError.is(error) ? REFUSALS[error.code] : undefined;
      if (code !== undefined) throw new HttpRefusal(code, (error as Error).message);
      this.#options.onError(error, { stage: "start" });
      throw new HttpRefusal("INTERNAL", "The run could not be started.");
    }
    // Its first event was refused by the log: nobody would ever hear of it.
    if (resident.stream.findRun(runId) === undefined) throw logUnavailable();
  }
}

function tell(line: OpenStream, { input, dialect }: Asked, { after, isOver }: RunPlace): void {
  const { resident, connection, transport } = line;
  connection.open();
  if (isOver) return transport.finish();
  const rendering = renderRun({ stream: resident.stream, runId: input.runId, dialect }, transport);
  resident.manager.follow(connection, { after, rendering });
}
