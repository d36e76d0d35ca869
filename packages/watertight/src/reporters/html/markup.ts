/** Text that is safe to put between tags: it can only be made by `markup`, which escapes. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Takes a text as it is. For constants of this folder only, never for anything of a report. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template may hold; `undefined` and `false` leave no trace. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = Object.freeze({
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
});

const PICTURES_OF_CONTROLS = 0x2400;
const LAST_PICTURED = 0x1f;

/**
 * Fills a template: every value in it is escaped, for a text as well as for a quoted attribute,
 * unless it is markup itself. Lists are joined. A control character is shown, not obeyed.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const text = parts.map((part, place) => part + render(values[place])).join("");
  return Markup.trusted(text);
}

function render(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Markup) return content.toString();
  if (typeof content === "object") return content.map(render).join("");
  // Everything that ends a text or an attribute, and everything that hides or reorders what follows.
  return String(content).replace(
    /[&<>"'`]|[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu,
    escapeCharacter,
  );
}

function escapeCharacter(character: string): string {
  const entity = ENTITIES[character];
  if (entity !== undefined) return entity;
  if (character === "\n" || character === "\t") return character;
  const code = character.codePointAt(0) ?? 0;
  if (code <= LAST_PICTURED) return String.fromCodePoint(PICTURES_OF_CONTROLS + code);
  return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}
