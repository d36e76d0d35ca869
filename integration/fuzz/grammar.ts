import type { Random } from "../chaos/random.ts";
import { anything, deep, type Json, many, object, text } from "./values.ts";

/** What the generators know of the world: names that exist, and what is somebody else's. */
export interface World {
  readonly agents: readonly string[];
  /** Ids that all users use, the witnesses too. */
  readonly runIds: readonly string[];
  readonly threadIds: readonly string[];
  /** Sessions of the witnesses, which nobody else may use. */
  readonly sessions: readonly string[];
  /** Positions of the witnesses. */
  readonly positions: readonly string[];
}

type Member = readonly [name: string, value: Json | undefined];

/** A frame of a client: valid, or valid but for one thing. */
export function clientFrame(random: Random, world: World): Json {
  const kind = random.below(10);
  if (kind < 5) return runFrame(random, world);
  if (kind < 7) {
    return object(
      spoil(random, [
        ["type", '"cancel"'],
        ["runId", id(random, world.runIds)],
      ]),
    );
  }
  if (kind === 7) {
    const members: Member[] = [
      ["type", '"ping"'],
      ["id", random.chance(0.5) ? text(random) : '"p"'],
    ];
    return object(spoil(random, members));
  }
  if (kind === 8)
    return object([
      ["type", text(random)],
      ["__proto__", anything(random)],
    ]);
  return anything(random);
}

function runFrame(random: Random, world: World): Json {
  const agent = JSON.stringify(random.pick([...world.agents, "nobody", "__proto__", "toString"]));
  const members: Member[] = [
    ["type", '"run"'],
    ["agent", agent],
    ["input", runInput(random, world)],
  ];
  return object(random.chance(0.15) ? spoil(random, members) : members);
}

/** AG-UI's RunAgentInput, of either dialect: valid, or valid but for one thing. */
export function runInput(random: Random, world: World): Json {
  const members: Member[] = [
    ["threadId", id(random, world.threadIds)],
    ["runId", id(random, world.runIds)],
    ["messages", many(random, () => message(random))],
    ["tools", many(random, () => tool(random))],
    ["context", many(random, () => contextItem(random))],
    ["state", maybe(random, 0.7, () => anything(random))],
    ["forwardedProps", maybe(random, 0.7, () => anything(random))],
    ["protocolVersion", maybe(random, 0.4, () => random.pick(['"1.0"', '"0.0"', "1", '"9.9"']))],
    ["parentRunId", maybe(random, 0.2, () => id(random, world.runIds))],
    ["resume", maybe(random, 0.2, () => many(random, () => resumeItem(random)))],
    ["somethingNew", maybe(random, 0.1, () => anything(random))],
  ];
  return object(random.chance(0.25) ? spoil(random, members) : members);
}

function message(random: Random): Json {
  const role = random.pick([
    "user",
    "assistant",
    "system",
    "developer",
    "tool",
    "reasoning",
    "activity",
  ]);
  const content = random.chance(0.8) ? text(random) : many(random, () => contentPart(random));
  const members: Member[] = [
    ["id", text(random)],
    ["role", JSON.stringify(role)],
    ["content", content],
    ["toolCallId", role === "tool" ? text(random) : undefined],
    ["activityType", role === "activity" ? text(random) : undefined],
    ["toolCalls", maybe(random, 0.3, () => many(random, () => toolCall(random)))],
    ["name", maybe(random, 0.2, () => text(random))],
  ];
  return object(random.chance(0.1) ? spoil(random, members) : members);
}

function contentPart(random: Random): Json {
  return object([
    ["type", random.pick(['"text"', '"binary"', '"image"'])],
    ["text", text(random)],
  ]);
}

function toolCall(random: Random): Json {
  const called = object([
    ["name", text(random)],
    ["arguments", text(random)],
  ]);
  return object([
    ["id", text(random)],
    ["type", '"function"'],
    ["function", called],
  ]);
}

function tool(random: Random): Json {
  return object([
    ["name", text(random)],
    ["description", text(random)],
    ["parameters", anything(random)],
  ]);
}

function contextItem(random: Random): Json {
  return object([
    ["description", text(random)],
    ["value", text(random)],
  ]);
}

function resumeItem(random: Random): Json {
  return object([
    ["interruptId", text(random)],
    ["status", random.pick(['"resolved"', '"cancelled"', "1"])],
    ["payload", anything(random)],
  ]);
}

/** Mostly a good one: ids that others have as well are the interesting ones. */
function id(random: Random, known: readonly string[]): Json {
  if (random.chance(0.15)) return text(random);
  if (random.chance(0.5)) return JSON.stringify(`fuzz-${random.below(1e9)}`);
  return JSON.stringify(random.pick(known));
}

function maybe(random: Random, chance: number, make: () => Json): Json | undefined {
  return random.chance(chance) ? make() : undefined;
}

/** Spoils one thing: a member is gone, twice, of another name or of another type. */
function spoil(random: Random, members: readonly Member[]): readonly Member[] {
  const at = random.below(members.length);
  const [name, value] = members[at] as Member;
  const spoilt: readonly (readonly Member[])[] = [
    [],
    [members[at] as Member, [name, anything(random)]],
    [["__proto__", value]],
    [[name, anything(random)]],
    [[name, deep(random)]],
    [[name.toUpperCase(), value]],
  ];
  return [...members.slice(0, at), ...random.pick(spoilt), ...members.slice(at + 1)];
}
