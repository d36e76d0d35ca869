import type { SinkKind } from "../sinks/sink.ts";
import type { SinkOptions } from "../sinks/sinks.ts";
import type { SinkConfig } from "./define-config.ts";
import type { ResolvedTarget } from "./resolve-target.ts";
import { checkObject, invalid, type Shape } from "./shape.ts";

const KINDS: readonly SinkKind[] = Object.freeze<SinkKind[]>(["http", "smtp", "tcp", "proxy"]);
const SINK_KEYS: Shape = Object.freeze({
  kind: "name",
  env: "texts",
  answer: "answer",
  batches: "boolean",
  forward: "boolean",
});
const ANSWER_KEYS: Shape = Object.freeze({
  status: "status",
  headers: "texts",
  json: "anything",
  text: "text",
});

/**
 * Checks what a config says of sinks, and fills in the defaults. Throws WT_CONFIG_INVALID, also for a name
 * that something beside the target has.
 */
export function resolveSinks(
  sinks: Readonly<Record<string, unknown>>,
  target: ResolvedTarget,
): readonly SinkOptions[] {
  const taken = target.kind === "command" ? target.beside.map(({ name }) => name) : [];
  return Object.freeze(
    Object.entries(sinks).map(([name, value]) => {
      if (!/^[\w-]+$/.test(name) || taken.includes(name)) {
        throw invalid(
          "each of `sinks` to have a name of its own, of letters, digits, _ and -",
          `\`${name}\``,
          "rename it",
        );
      }
      return resolveSink(name, value);
    }),
  );
}

function resolveSink(name: string, value: unknown): SinkOptions {
  const key = `sinks.${name}`;
  const sink = checkObject(value, SINK_KEYS, key) as unknown as SinkConfig;
  const { kind, env = {}, answer, batches, forward } = sink;
  if (!KINDS.includes(kind)) {
    throw invalid(`\`${key}.kind\` to be one of ${KINDS.join(", ")}`, `\`${kind}\``, "correct it");
  }
  if (typeof answer === "object") checkObject(answer, ANSWER_KEYS, `${key}.answer`);
  if (answer !== undefined && kind !== "http" && kind !== "proxy") {
    throw invalid(`no \`${key}.answer\` of a sink of kind ${kind}`, "one", "remove it");
  }
  if (forward !== undefined && kind !== "proxy") {
    throw invalid(`no \`${key}.forward\` of a sink of kind ${kind}`, "one", "remove it");
  }
  if (forward === true && answer !== undefined) {
    throw invalid(`one of \`${key}.answer\` and \`${key}.forward\``, "both", "remove one");
  }
  if (kind === "tcp" && batches === undefined) {
    throw invalid(
      `\`${key}.batches\` to say whether a connection carries several users by design`,
      "nothing",
      "write true for a pool or a log, false if each connection is of one user",
    );
  }
  return Object.freeze({
    name,
    kind,
    env,
    answer,
    batches: batches ?? false,
    forward: forward ?? false,
  });
}
