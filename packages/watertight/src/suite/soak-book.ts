import { CanaryBook, type CanaryKind, type CanaryOwner } from "../canary.ts";

/** Data of users who left more windows ago than this is not recognised any more. */
const REMEMBERED_WINDOWS = 3;

/** Hands out a new book for each window, and lets go of all but a few of those before. */
export class WindowBooks {
  #earlier: readonly CanaryBook[] = [];

  /**
   * A book for the next window. It knows whose the canaries of the windows before are, too: a server
   * that hands out what it kept of somebody who left leaks as well.
   */
  next(): CanaryBook {
    const own = new CanaryBook();
    const book = new WindowBook(own, this.#earlier);
    this.#earlier = [own, ...this.#earlier].slice(0, REMEMBERED_WINDOWS);
    return book;
  }
}

/** Mints into a book of its own, so that none holds on to the ones before for longer than a window. */
class WindowBook extends CanaryBook {
  readonly #own: CanaryBook;
  readonly #all: readonly CanaryBook[];

  constructor(own: CanaryBook, earlier: readonly CanaryBook[]) {
    super();
    this.#own = own;
    this.#all = [own, ...earlier];
  }

  override get hasBytes(): boolean {
    return this.#all.some(({ hasBytes }) => hasBytes);
  }

  override mint(user: number, label: string, kind: CanaryKind = "token"): string {
    return this.#own.mint(user, label, kind);
  }

  override ownerOf(token: string): CanaryOwner | undefined {
    return firstOf(this.#all, (book) => book.ownerOf(token));
  }

  override asMinted(token: string): string | undefined {
    return firstOf(this.#all, (book) => book.asMinted(token));
  }
}

function firstOf<T>(
  books: readonly CanaryBook[],
  look: (book: CanaryBook) => T | undefined,
): T | undefined {
  for (const book of books) {
    const found = look(book);
    if (found !== undefined) return found;
  }
  return undefined;
}
