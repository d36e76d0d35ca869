import { CanaryBook } from "../canary.ts";

/**
 * One canary for each of some users, kept as bytes: a heap snapshot shows texts, and in a process
 * that looks at itself, a text that we hold would be found with us.
 */
export class Secrets {
  readonly #bytes: readonly Buffer[];

  constructor(users: number) {
    const book = new CanaryBook();
    this.#bytes = Array.from({ length: users }, (_, user) =>
      Buffer.from(book.mint(user, "law"), "latin1"),
    );
  }

  /** A new text each time; whoever asks must not keep it. */
  of(user: number): string {
    return (this.#bytes[user] as Buffer).toString("latin1");
  }

  /** Whose a token is, as `user-0`; in any case, as it may have been rewritten. */
  readonly ownerOf = (token: string): string | undefined => {
    const user = this.#bytes.findIndex(
      (bytes) => bytes.toString("latin1").toLowerCase() === token.toLowerCase(),
    );
    return user === -1 ? undefined : nameOf(user);
  };
}

/** What a law calls its users. */
export function nameOf(user: number): string {
  return `user-${user}`;
}
