import { createServer, type Server } from "node:http";
import { Answers, refuse, type SinkAnswer, type SinkAnswerer } from "./answer.ts";
import { HOST, listen } from "./listen.ts";
import { recordRequest } from "./record-request.ts";
import type { Sink } from "./sink.ts";
import type { SinkLog } from "./sink-log.ts";

export interface HttpSinkOptions {
  readonly name: string;
  readonly log: SinkLog;
  /** Default: status 200 and an empty JSON object. */
  readonly answer?: SinkAnswer | SinkAnswerer | undefined;
}

/** An idle line is not cut: what a client makes of that is not what is looked for. */
export const LINES: Readonly<{ keepAliveTimeout: number }> = Object.freeze({
  keepAliveTimeout: 600_000,
});

/** Starts an HTTP server that records every request, then answers it. */
export async function startHttpSink({ name, log, answer }: HttpSinkOptions): Promise<Sink> {
  const answers = new Answers(answer);
  const server = createServer(LINES, (request, response) => {
    recordRequest(request, log)
      .then((recorded) => answers.send(recorded, response))
      .catch((error: unknown) => refuse(response, 400, String(error)));
  });
  const port = await listen(server);
  return {
    name,
    url: `http://${HOST}:${port}`,
    host: HOST,
    port,
    take: () => log.take(),
    get gaps() {
      return [...log.gaps, ...failuresOf(name, answers)];
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

/** What was wrong with the answers of a sink, as a gap. */
export function failuresOf(name: string, { failure }: Answers): readonly string[] {
  return failure === undefined
    ? []
    : [`What the target does with answers of the sink ${name}: its \`answer\` threw ${failure}.`];
}

/** Closes a server and every line to it. */
export function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}
