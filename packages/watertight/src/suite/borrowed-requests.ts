import { canaryPattern } from "../canary.ts";
import { oneAfterAnother } from "../patterns/pattern.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { SentRequest } from "../simulate/user-http.ts";
import type { Bench } from "./bench.ts";
import { playScenario, type Task } from "./conversations.ts";
import type { RoundLedger } from "./round.ts";
import { type PlayedRound, playRound } from "./played-round.ts";

const USERS = 12;
const NAME = "borrowed ids";

/**
 * Every second user asks for what the one before has asked for: the same paths and bodies, with the ids in
 * them, but under the own name. What comes back may be a refusal; it may not be the other's.
 * Nothing is asked for if users don't sign in, since then an id is all that a server has.
 */
export async function borrowedRequests(bench: Bench): Promise<PlayedRound> {
  const owners = new Map<number, SimulatedUser>();
  const task: Task = async (user, ledger) => {
    await playScenario(bench)(user, ledger);
    owners.set(user.number, user);
    const owner = user.number % 2 === 1 ? owners.get(user.number - 1) : undefined;
    if (owner !== undefined && bench.config.signsIn) await askForTheirs(bench, user, owner, ledger);
  };
  if (!bench.config.signsIn) {
    bench.gaps.add(
      "Ids of others were not tried: the config has no `signIn`, so an id is all a server has.",
    );
  }
  const played = await playRound(bench, {
    pattern: { ...oneAfterAnother, name: NAME },
    identities: bench.identities.slice(0, USERS),
    task,
  });
  const observations = played.result.observations.map((seen) =>
    seen.kind === "leak"
      ? {
          ...seen,
          kind: "foreign-access" as const,
          title: `${seen.to} got what belongs to ${seen.from} by asking with an id of theirs`,
          expected: "someone else's id to be answered like one that does not exist",
        }
      : seen,
  );
  return { ...played, result: { ...played.result, observations } };
}

async function askForTheirs(
  bench: Bench,
  thief: SimulatedUser,
  owner: SimulatedUser,
  ledger: RoundLedger,
): Promise<void> {
  const own = [...thief.requests];
  // What says nothing of the owner comes first: a secret that the thief has said proves nothing any more.
  const wanted = owner.requests
    .map((request, place) => ({ request, place, said: secretsIn(request).size }))
    .filter(({ request }) => isWorthTaking(request, own, bench.config.public))
    .sort((a, b) => a.said - b.said);
  for (const { request, place } of wanted) {
    for (const token of secretsIn(request)) ledger.borrow(thief, token);
    const { method, path, body } = request;
    // The headers are the thief's own: who sends another's session header is the other.
    const headers = own[place]?.headers ?? {};
    const asked = { method, headers, ...(body === undefined ? {} : { body }) };
    await thief.fetch(path, asked).catch(() => {});
  }
}

/** Something that only the owner asked for, and that brought more of the owner's than was said in it. */
function isWorthTaking(
  request: SentRequest,
  own: readonly SentRequest[],
  open: readonly string[],
): boolean {
  const { method, path, answer, body, isStream } = request;
  if (isStream || answer === undefined || (answer.answer?.status ?? 0) >= 400) return false;
  // What changes something, or says the owner's words, is no question.
  if (method === "DELETE" || secretsIn({ ...request, path: "/" }).size > 0) return false;
  if (open.some((start) => path.startsWith(start))) return false;
  const isOwn = own.some(
    (mine) => mine.path === path && (mine.body?.equals(body ?? EMPTY) ?? true),
  );
  if (isOwn) return false;
  const said = secretsIn(request);
  const heard = answer.bytes.toString("latin1").match(canaryPattern()) ?? [];
  return heard.some((token) => !said.has(token));
}

const EMPTY = Object.freeze(Buffer.alloc(0));

function secretsIn({ path, body }: SentRequest): ReadonlySet<string> {
  const text = `${decodeURI(path)} ${body?.toString("latin1") ?? ""}`;
  return new Set(text.match(canaryPattern()) ?? []);
}
