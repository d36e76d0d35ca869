import { type Content, markup, type Markup } from "./markup.ts";

/** Shorter than this, the end of an excerpt is not taken for the beginning of a canary. */
const MIN_PREFIX = 12;

/** The excerpt of a frame with every appearance of the canary marked, in whichever form it is there. */
export function markCanary(excerpt: string, token: string | undefined): Markup {
  if (token === undefined || token === "") return markup`${excerpt}`;
  const forms = formsOf(token);
  const form = forms.find((candidate) => excerpt.includes(candidate));
  if (form === undefined) return markCutCanary(excerpt, forms);
  const pieces = excerpt.split(form).flatMap((text, place): Content[] => {
    return place === 0 ? [text] : [markup`<mark>${form}</mark>`, text];
  });
  return markup`${pieces}`;
}

/** An excerpt may end in the middle of the canary: then what is left of it is marked. */
function markCutCanary(excerpt: string, forms: readonly string[]): Markup {
  for (const form of forms) {
    for (let length = form.length - 1; length >= MIN_PREFIX; length -= 1) {
      const prefix = form.slice(0, length);
      if (!excerpt.endsWith(prefix)) continue;
      return markup`${excerpt.slice(0, -length)}<mark>${prefix}</mark>`;
    }
  }
  return markup`${excerpt}`;
}

function formsOf(token: string): readonly string[] {
  const hex = Buffer.from(token).toString("hex");
  const plain = [token, token.toLowerCase(), token.toUpperCase()];
  return [...plain, hex, hex.toUpperCase(), ...[0, 1, 2].map((shift) => base64Core(token, shift))];
}

/** The characters of base64 text that the token alone decides, `shift` bytes into a group of three. */
function base64Core(token: string, shift: number): string {
  const padded = Buffer.concat([Buffer.alloc(shift), Buffer.from(token)]);
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return padded.toString("base64").slice(first, last);
}
