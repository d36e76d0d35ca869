import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import MiniSearch from "minisearch";

/** A Markdown file: its name and its text. */
export interface MarkdownDocument {
  readonly file: string;
  readonly text: string;
}

/** A paragraph that answers a question, and the file that it stands in. */
export interface Passage {
  readonly file: string;
  readonly heading: string;
  readonly text: string;
}

/**
 * A full-text index over documents that everybody may read. It never changes after it was built and
 * remembers no question, which is what makes it safe to share between users.
 */
export interface DocumentIndex {
  /** How many documents can be found. */
  readonly size: number;
  /** The best passage of each of the `limit` best files, best first; the same question, the same answer. */
  search(question: string, limit: number): readonly Passage[];
  /** The whole text of a file; `undefined` for a name that is not in the index. */
  read(file: string): string | undefined;
}

/** Words that say nothing about what a question is about. */
const STOP_WORDS: readonly string[] = Object.freeze(
  "about and are but can could does for from has have how into its must not of should that the their them then there these they this was what when where which who whom whose why will with would you your".split(
    " ",
  ),
);

const MIN_TERM_LENGTH = 3;

/** Reads every `*.md` of a folder, in order of their names. Rejects if the folder can't be read. */
export async function readDocuments(folder: string): Promise<readonly MarkdownDocument[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  return Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(folder, file), "utf8") })),
  );
}

/** Builds the index, once, from all documents. */
export function createDocumentIndex(documents: readonly MarkdownDocument[]): DocumentIndex {
  const texts = new Map(documents.map(({ file, text }) => [file, text]));
  const passages = documents.flatMap(passagesOf);
  const engine = new MiniSearch<Passage & { id: number }>({
    fields: ["heading", "text"],
    processTerm: termOf,
    searchOptions: { boost: { heading: 2 } },
  });
  engine.addAll(passages.map((passage, id) => ({ ...passage, id })));
  return Object.freeze({
    size: texts.size,
    read: (file: string) => texts.get(file),
    search: (question: string, limit: number) => {
      const found = engine.search(question).flatMap(({ id }) => passages[Number(id)] ?? []);
      return onePerFile(found).slice(0, limit);
    },
  });
}

function onePerFile(passages: readonly Passage[]): readonly Passage[] {
  const best = new Map<string, Passage>();
  for (const passage of passages) if (!best.has(passage.file)) best.set(passage.file, passage);
  return [...best.values()];
}

function passagesOf({ file, text }: MarkdownDocument): Passage[] {
  let heading = file;
  const passages: Passage[] = [];
  for (const block of text.split(/\n\s*\n/).map((part) => part.trim())) {
    if (block.startsWith("#")) heading = block.replace(/^#+\s*/, "");
    else if (block !== "") passages.push({ file, heading, text: block.replace(/\s+/g, " ") });
  }
  return passages;
}

/** Lower case, and singular and plural are one; `null` drops the word. */
function termOf(word: string): string | null {
  const term = word.toLowerCase();
  if (term.length < MIN_TERM_LENGTH || STOP_WORDS.includes(term)) return null;
  return term.length > MIN_TERM_LENGTH ? term.replace(/s$/, "") : term;
}
