import { oneLine } from "./plain-text.ts";

/** How a line looks. */
export interface Style {
  readonly color?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  /** Where the lines after the first begin. Default: where the first does. */
  readonly hanging?: number;
}

const DIM = 2;
const BOLD = 1;

/** Lines of text, wrapped at the width of the terminal and painted if it can show colors. */
export class TerminalPage {
  readonly #color: boolean;
  readonly #width: number;
  text = "";

  /** `width` is in columns. */
  constructor({ color, width }: { readonly color: boolean; readonly width: number }) {
    this.#color = color;
    this.#width = width;
  }

  line(indent: number, text: string, style: Style = {}): void {
    const { hanging = indent } = style;
    const lines = wrap(oneLine(text), this.#width - indent, this.#width - hanging);
    const [first = "", ...others] = lines;
    this.text += `${" ".repeat(indent)}${this.#paint(first, style)}\n`;
    for (const line of others) this.text += `${" ".repeat(hanging)}${this.#paint(line, style)}\n`;
  }

  blank(): void {
    this.text += "\n";
  }

  #paint(text: string, { color, bold = false, dim = false }: Style): string {
    const codes = [bold ? BOLD : undefined, dim ? DIM : undefined, color].filter(Boolean);
    return this.#color && codes.length > 0 ? `\u001B[${codes.join(";")}m${text}\u001B[0m` : text;
  }
}

/** Breaks a text at spaces; a word that is too long for a line stays whole. */
function wrap(text: string, first: number, others: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<= )/)) {
    const room = lines.length === 0 ? first : others;
    if (line !== "" && (line + word).trimEnd().length > room) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}
