import { frameEvidence } from "../detectors/delivery.ts";
import type { Observation } from "../observation.ts";
import { oneAfterAnother } from "../patterns/pattern.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { SentRequest } from "../simulate/user-http.ts";
import type { Bench } from "./bench.ts";
import { playScenario, type Task } from "./conversations.ts";
import {
  type Field,
  inBytes,
  type RepeatedRequest,
  saysSecret,
  secretFields,
  withFields,
} from "./request-fields.ts";
import type { RoundLedger } from "./round.ts";
import { type PlayedRound, playRound } from "./played-round.ts";

/** How careless keys glue a name to its value, and one pair to the next. */
const EQUALS = Object.freeze(["=", ":", ""]);
const SEPARATORS = Object.freeze([":", "&", ",", ";", "|", " ", ""]);
const MAX_PAIRS = 6;
const MAX_REQUESTS = 12;
const AT_ONCE = 6;
/** Requests that were sent at once may arrive one after the other's answer. */
const ATTEMPTS = 2;

/** Two requests that differ, and are the same once their fields are glued together. */
interface Twins {
  readonly request: SentRequest;
  readonly first: Field;
  readonly second: Field;
  readonly separator: string;
  readonly equals: string;
}

/**
 * One user sends two fields, another a single one in which both are glued together as a cache or a table of
 * pending requests would do it in its key: `x-a: 1`, `x-b: 2` against `x-a: 1:x-b=2`. Both are sent at once; who
 * gets the other's answer is confused by the key. A server that takes such a field apart by itself is
 * recognised by what it says when it is asked alone. At last both say bytes that are no text.
 */
export async function lookAlikes(bench: Bench): Promise<PlayedRound> {
  const owners: SimulatedUser[] = [];
  const task: Task = async (user, ledger) => {
    await playScenario(bench)(user, ledger);
    const [owner] = owners;
    owners.push(user);
    if (owner === undefined) return;
    await tryTwins(owner, user, ledger);
    await tryBytes(owner, user);
  };
  return playRound(bench, {
    pattern: { ...oneAfterAnother, name: "look-alike requests" },
    identities: bench.identities.slice(0, 2),
    task,
  });
}

async function tryTwins(
  owner: SimulatedUser,
  other: SimulatedUser,
  ledger: RoundLedger,
): Promise<void> {
  const twins = owner.requests.filter(({ isStream }) => !isStream).flatMap(twinsOf);
  for (let from = 0; from < twins.length; from += AT_ONCE) {
    const some = twins.slice(from, from + AT_ONCE);
    await Promise.all(
      some.map((pair, place) => new Trial(owner, other, pair, from + place).run(ledger)),
    );
  }
}

/**
 * Both users say bytes where they said text, so that whoever decodes them carelessly has the same text of
 * both: at once, for what is under way, and then one after the other, for what is kept.
 */
async function tryBytes(owner: SimulatedUser, other: SimulatedUser): Promise<void> {
  const own = [...other.requests];
  const requests = [...owner.requests].slice(0, MAX_REQUESTS).entries();
  for (const [place, request] of requests) {
    const same = own[place];
    if (same === undefined || request.isStream || same.isStream || !saysSecret(request)) continue;
    const label = `look-alike ${place}`;
    const askOwner = (): Promise<unknown> => send(owner, inBytes(request, owner.bytes(label)));
    const askOther = (): Promise<unknown> => send(other, inBytes(same, other.bytes(label)));
    await Promise.all([askOwner(), askOther()]);
    await askOwner();
    await askOther();
  }
}

async function send(user: SimulatedUser, { path, ...options }: RepeatedRequest): Promise<void> {
  await user.fetch(path, options).catch(() => {});
}

function twinsOf(request: SentRequest): Twins[] {
  const fields = secretFields(request);
  const pairs = fields.flatMap((first) =>
    fields
      .filter((second) => second.place === first.place && second.name !== first.name)
      .map((second) => ({ request, first, second })),
  );
  const glues = SEPARATORS.flatMap((separator) => EQUALS.map((equals) => ({ separator, equals })));
  return pairs.slice(0, MAX_PAIRS).flatMap((pair) => glues.map((glue) => ({ ...pair, ...glue })));
}

/** One pair of requests, first the glued one alone, then both at once. */
class Trial {
  readonly #owner: SimulatedUser;
  readonly #other: SimulatedUser;
  readonly #twins: Twins;
  readonly #number: number;

  constructor(owner: SimulatedUser, other: SimulatedUser, twins: Twins, number: number) {
    this.#owner = owner;
    this.#other = other;
    this.#twins = twins;
    this.#number = number;
  }

  async run(ledger: RoundLedger): Promise<void> {
    const alone = this.#secrets("alone");
    for (const token of alone) ledger.borrow(this.#other, token);
    const plain = await this.#sendGlued(alone);
    if (plain === undefined || !plain.saysGlued || plain.isTakenApart) return;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const confusion = await this.#confuse(this.#secrets(`both ${attempt}`), ledger);
      if (confusion !== undefined) return ledger.observe(this.#confused(confusion));
    }
  }

  /** Both at once; who comes first is a matter of luck, and it is the second who gets what is not theirs. */
  async #confuse(
    secrets: readonly [string, string],
    ledger: RoundLedger,
  ): Promise<Confusion | undefined> {
    for (const token of secrets) ledger.borrow(this.#other, token);
    const [apart, glued] = await Promise.all([this.#sendApart(secrets), this.#sendGlued(secrets)]);
    const [owner, other] = [this.#owner, this.#other];
    const secret = secrets[1];
    if (glued?.isTakenApart === true && !glued.saysGlued) return { from: owner, to: other, secret };
    return this.#says(apart, secrets) ? { from: other, to: owner, secret } : undefined;
  }

  #secrets(label: string): readonly [string, string] {
    const secret = (name: string): string =>
      this.#owner.canary(`look-alike ${label} ${name} ${this.#number}`);
    return [secret("first"), secret("second")];
  }

  async #sendApart([one, two]: readonly [string, string]): Promise<string | undefined> {
    const { request, first, second } = this.#twins;
    const changes = { [first.name]: one, [second.name]: two };
    const { path, ...options } = withFields(request, first.place, changes);
    return textOf(this.#owner.fetch(path, options));
  }

  /** What comes back: the glued field as it was said, or its parts by themselves, as somebody else said them. */
  async #sendGlued(secrets: readonly [string, string]) {
    const { request, first, second } = this.#twins;
    const glued = this.#glue(secrets);
    const changes = { [first.name]: glued, [second.name]: undefined };
    const { path, ...options } = withFields(request, first.place, changes);
    const answer = await textOf(this.#other.fetch(path, options));
    if (answer === undefined) return undefined;
    const rest = formsOf(glued).reduce((left, form) => left.replaceAll(form, ""), answer);
    return {
      saysGlued: this.#says(answer, secrets),
      isTakenApart: secrets.some((secret) => rest.includes(secret.toLowerCase())),
    };
  }

  #says(answer: string | undefined, secrets: readonly [string, string]): boolean {
    return formsOf(this.#glue(secrets)).some((form) => answer?.includes(form) === true);
  }

  #glue([one, two]: readonly [string, string]): string {
    const { second, separator, equals } = this.#twins;
    return `${one}${separator}${second.name}${equals}${two}`;
  }

  #confused({ from, to, secret }: Confusion): Observation {
    const { request, first, second } = this.#twins;
    const small = secret.toLowerCase();
    const places = to.requests.flatMap(({ answer }) => {
      const offset = answer?.bytes.toString("latin1").toLowerCase().indexOf(small) ?? -1;
      return answer === undefined || offset === -1 ? [] : [{ answer, offset }];
    });
    const place = places.at(-1);
    const names = `${first.name} and ${second.name}`;
    const { method, path } = request;
    return {
      kind: "leak",
      tier: "proved",
      title: `${to.name} received the answer to ${from.name}, whose request looks like it once ${names} are glued together`,
      from: from.name,
      to: to.name,
      occurrences: 1,
      expected: `${method} ${path.split("?")[0]} to be told from one with another number of fields`,
      ...(place === undefined ? {} : { frame: frameEvidence(to.name, place.answer, place.offset) }),
    };
  }
}

/** Whose answer somebody else got, and a secret that shows it. */
interface Confusion {
  readonly from: SimulatedUser;
  readonly to: SimulatedUser;
  readonly secret: string;
}

/** What a request was answered with, in small letters; `undefined` if it was refused. */
async function textOf(asked: Promise<Response>): Promise<string | undefined> {
  const response = await asked.catch(() => undefined);
  return response?.ok === true ? (await response.text()).toLowerCase() : undefined;
}

/** How a text may be written in an answer, in small letters. */
function formsOf(words: string): readonly string[] {
  const text = words.toLowerCase();
  const html = text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const json = JSON.stringify(text).slice(1, -1);
  return [...new Set([text, json, html, encodeURIComponent(text).toLowerCase()])];
}
