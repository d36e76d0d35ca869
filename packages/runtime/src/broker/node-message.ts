import { isId } from "../internal/is-id.ts";
import type { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";

/** What one node tells the others about a user. */
export type NodeMessage =
  /** The user's log has records up to that number. */
  | { readonly type: "appended"; readonly last: number }
  /** A run of the user is to end as cancelled, wherever it is. */
  | { readonly type: "cancel"; readonly runId: string }
  /** Sessions of the user have ended: the store says which. */
  | { readonly type: "sessions" };

/** A message, and the node that it comes from. */
export interface SentMessage {
  readonly from: string;
  readonly message: NodeMessage;
}

/** No message is longer; what is, is not even parsed. */
const MAX_CHARACTERS = 2048;

/** Writes a message down, with its owner in it, so that one that is led astray is known by itself. */
export function writeMessage(user: UserContext, { from, message }: SentMessage): string {
  const { tenantId, userId } = user;
  return JSON.stringify({ tenantId, userId, from, ...message });
}

/**
 * Reads what came on the topic of `user`. Throws WT_MESSAGE_INVALID for what is no message, and
 * WT_OWNER_MISMATCH for one about anybody else.
 */
export function readMessage(user: UserContext, text: string): SentMessage {
  const { tenantId, userId, from, ...rest } = parse(text);
  const message = typeof from === "string" ? messageOf(rest) : undefined;
  if (message === undefined) throw invalid();
  if (tenantId === user.tenantId && userId === user.userId) {
    return { from: from as string, message };
  }
  throw new WatertightError(
    "WT_OWNER_MISMATCH",
    "Expected a message about the user whose topic it came on, got one about somebody else. It was dropped. See how the broker's driver names its topics.",
  );
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    if (text.length > MAX_CHARACTERS) throw invalid();
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    throw invalid();
  }
}

function messageOf({ type, last, runId }: Readonly<Record<string, unknown>>) {
  if (type === "appended" && Number.isSafeInteger(last)) {
    return { type, last: last as number } satisfies NodeMessage;
  }
  if (type === "cancel" && isId(runId)) return { type, runId } satisfies NodeMessage;
  return type === "sessions" ? ({ type } satisfies NodeMessage) : undefined;
}

function invalid(): WatertightError {
  return new WatertightError(
    "WT_MESSAGE_INVALID",
    "Expected a message from a node of this version, got something else. It was dropped. See who else publishes on the broker.",
  );
}
