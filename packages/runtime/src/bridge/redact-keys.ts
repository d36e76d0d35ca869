import { WatertightError } from "../errors.ts";

/** Keys whose value is a secret wherever they stand. */
const SECRET_KEYS: readonly string[] = Object.freeze([
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "secret",
  "secretkey",
  "secretaccesskey",
  "clientsecret",
  "token",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "authtoken",
  "sessiontoken",
  "bearertoken",
  "apikey",
  "xapikey",
  "privatekey",
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "credential",
  "credentials",
]);
/** Fields that events are made of, as keys are compared: an event without them would be none. */
const EVENT_FIELDS: readonly string[] = Object.freeze(
  (
    "type timestamp metadata rawevent subagentrunid threadid runid seq position messageid role " +
    "name delta content toolcallid toolcallname id toolcalls function arguments messages snapshot " +
    "activitytype patch op path from event source value text result outcome interrupts reason " +
    "message code usage stepname input state"
  ).split(" "),
);
const MAX_NAME = 100;

/** How far a key has been read along the names of secrets. */
export interface KeyNode {
  readonly next: ReadonlyMap<number, KeyNode>;
  /** Whether the key, if it ends here, names a secret. */
  readonly isSecret: boolean;
}

/**
 * The keys whose value is a secret. Keys are compared whole, ignoring case, `-` and `_`: `apiKey` and
 * `API_KEY` name the same secret, `keyboard` names none. A key can be followed character by
 * character, so that one that comes in pieces is never kept. Holds nobody's data and never changes.
 */
export class SecretKeys {
  /** Where every key begins. */
  readonly start: KeyNode;

  /** @internal Use {@link createSecretKeys}. */
  constructor(names: readonly string[]) {
    const start: Growing = { next: new Map(), isSecret: false };
    for (const name of names) {
      let node = start;
      for (const unit of unitsOf(name)) node = grow(node, unit);
      node.isSecret = true;
    }
    this.start = start;
  }

  /** Where a key stands after one more UTF-16 unit; `undefined` once it can't name a secret. */
  follow(node: KeyNode, unit: number): KeyNode | undefined {
    if (unit === HYPHEN || unit === UNDERSCORE) return node;
    if (unit < 128) return node.next.get(foldAscii(unit));
    let at: KeyNode | undefined = node;
    for (const folded of unitsOf(String.fromCharCode(unit))) at = at?.next.get(folded);
    return at;
  }

  /** Says whether the value of this key is a secret. */
  has(key: string): boolean {
    let node: KeyNode | undefined = this.start;
    for (let at = 0; at < key.length && node !== undefined; at += 1) {
      node = this.follow(node, key.charCodeAt(at));
    }
    return node?.isSecret === true;
  }
}

interface Growing extends KeyNode {
  readonly next: Map<number, Growing>;
  isSecret: boolean;
}

const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;

function grow(node: Growing, unit: number): Growing {
  const known = node.next.get(unit);
  if (known !== undefined) return known;
  const made: Growing = { next: new Map(), isSecret: false };
  node.next.set(unit, made);
  return made;
}

function foldAscii(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}

/** The units of a name that count. Each is folded for itself, as it may come alone. */
function* unitsOf(name: string): Generator<number> {
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charAt(at);
    if (unit === "-" || unit === "_") continue;
    // Upwards first: some small letters, like the two sigmas, share one capital.
    const folded = unit.toUpperCase().toLowerCase();
    for (let part = 0; part < folded.length; part += 1) yield folded.charCodeAt(part);
  }
}

/**
 * Makes the keys that name secrets: those that this runtime knows and `more`, of 1 to 100 characters
 * that are not all `-` and `_`, none of them a field of AG-UI's own events. Throws WT_OPTION_INVALID.
 */
export function createSecretKeys(more: readonly string[] = []): SecretKeys {
  if (!Array.isArray(more)) throw invalid("a list of keys", typeof more);
  for (const key of more as readonly unknown[]) {
    if (typeof key !== "string") throw invalid("a list of texts", `a ${typeof key} in it`);
    const name = key.length > MAX_NAME ? "" : String.fromCharCode(...unitsOf(key));
    if (name === "") throw invalid(`keys of 1 to ${MAX_NAME} characters`, `one of ${key.length}`);
    if (EVENT_FIELDS.includes(name)) {
      throw invalid("keys that are no field of AG-UI events", `\`${key}\``);
    }
  }
  return new SecretKeys([...SECRET_KEYS, ...more]);
}

function invalid(expected: string, found: string): WatertightError {
  return new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`redactKeys\` to be ${expected}, got ${found}`,
  );
}
