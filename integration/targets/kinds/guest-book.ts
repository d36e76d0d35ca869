/** What somebody wrote. */
export interface Entry {
  readonly motto: string;
  readonly page: number;
}

type Page = readonly Entry[];

const mottos: Entry[] = [];

/** Writes a motto and shows the page on which it stands: the last two, whoever wrote them. */
export function write(motto: string): Page {
  mottos.push({ motto, page: mottos.length } satisfies Entry);
  return mottos.slice(-2);
}
