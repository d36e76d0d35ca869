import type { ReadyFrame } from "../protocol/frames.ts";

/** What is wrong with a `ready` frame, given what was asked for. */
export type ReadyFault = "foreign" | "foreign-session" | "malformed";

/** What a client asks for that wants everything that is kept. */
const OLDEST = "oldest";

/**
 * Where a client is: its session, and its position in the user's log. Knows which events it may have
 * had: after going back, the log repeats itself up to where the client had been before.
 */
export class Place {
  #session: string | undefined;
  #position: string | undefined;
  #repeatsUntil: string | undefined;
  #log = "";

  constructor(session: string | undefined, position: string | undefined) {
    this.#session = session;
    this.#position = position;
  }

  get session(): string | undefined {
    return this.#session;
  }

  /** Of the last event that was taken; what to ask for to get what comes after. */
  get position(): string | undefined {
    return this.#position;
  }

  /** Events may come that were had: this client went back for some that it missed. */
  get isRepeating(): boolean {
    return this.#repeatsUntil !== undefined;
  }

  /** Takes over what the server says of a new line; answers what is wrong with it, if anything is. */
  enter({ sessionId, position, resume }: ReadyFrame): ReadyFault | undefined {
    const asked = this.#position;
    if (this.#session !== undefined && sessionId !== this.#session) return "foreign-session";
    if ((asked === undefined) !== (resume.status === "live")) return "malformed";
    const goesOn = resume.status === "resumed" && asked !== OLDEST;
    if (goesOn && logOf(asked ?? "") !== logOf(position)) return "foreign";
    this.#session = sessionId;
    this.#log = logOf(position);
    if (!goesOn) this.#jump(position);
    return undefined;
  }

  /** A position belongs to the log that this line began with. Two users' logs never bear one name. */
  isHere(position: string): boolean {
    return logOf(position) === this.#log;
  }

  /** An event was taken. */
  pass(position: string): void {
    this.#position = position;
    if (position === this.#repeatsUntil) this.#repeatsUntil = undefined;
  }

  /** The next line begins after an earlier event, because of one that was missed. */
  goBack(position: string): void {
    if (position === this.#position) return;
    this.#repeatsUntil ??= this.#position;
    this.#position = position;
  }

  leaveSession(): void {
    this.#session = undefined;
  }

  /** The next line begins with what is new. */
  forgetPosition(): void {
    this.#jump(undefined);
  }

  #jump(position: string | undefined): void {
    this.#position = position;
    this.#repeatsUntil = undefined;
  }
}

/** The part before the first dot: it names the log, and changes only when numbers begin anew. */
function logOf(position: string): string {
  return position.slice(0, Math.max(0, position.indexOf(".")));
}
