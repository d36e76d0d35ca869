import type { Finding, FindingKind } from "../finding.ts";
import { groupBy } from "../internal/group-by.ts";
import { sum } from "./summary.ts";

const MAX_FINDINGS = 20;

/** A finding that came back in some windows. */
interface Story {
  /** As it was seen first. */
  readonly finding: Finding;
  readonly firstWindow: number;
  readonly windows: number;
  readonly occurrences: number;
}

/**
 * Collects what windows find: the same story is counted, not repeated, and at most 20 are kept, some
 * of each kind.
 */
export class SoakFindings {
  #stories: readonly Story[] = [];
  readonly #counts = new Map<FindingKind, number>();

  add(window: number, findings: readonly Finding[]): void {
    for (const finding of findings) {
      const { kind, occurrences } = finding;
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
      if (this.#countAgain(finding)) continue;
      this.#tell({ finding, firstWindow: window, windows: 1, occurrences });
    }
  }

  /** How often each kind was found, counting what is not kept, too. */
  get counts(): ReadonlyMap<FindingKind, number> {
    return this.#counts;
  }

  /** In the order in which they were first seen. */
  get findings(): readonly Finding[] {
    return this.#stories.map(toFinding);
  }

  #countAgain({ id, occurrences }: Finding): boolean {
    const known = this.#stories.find(({ finding }) => finding.id === id);
    if (known === undefined) return false;
    const again = {
      ...known,
      windows: known.windows + 1,
      occurrences: known.occurrences + occurrences,
    };
    this.#stories = this.#stories.map((story) => (story === known ? again : story));
    return true;
  }

  /** A kind that was not seen before takes the place of one of those that are seen most. */
  #tell(story: Story): void {
    if (this.#stories.length < MAX_FINDINGS) {
      this.#stories = [...this.#stories, story];
      return;
    }
    const kinds = groupBy(this.#stories, ({ finding }) => finding.kind);
    if (kinds.has(story.finding.kind)) return;
    const [largest] = [...kinds.values()].toSorted((a, b) => b.length - a.length);
    const last = largest?.at(-1);
    this.#stories = [...this.#stories.filter((known) => known !== last), story];
  }
}

/** How many findings some kinds have together, in words. */
export function countsInWords(counts: ReadonlyMap<FindingKind, number>): string {
  return [...counts].map(([kind, count]) => `${kind} ×${count}`).join(", ");
}

/** How many findings there were, kept or not. */
export function totalOf(counts: ReadonlyMap<FindingKind, number>): number {
  return sum(counts.values());
}

function toFinding({ finding, firstWindow, windows, occurrences }: Story): Finding {
  const others = windows - 1;
  const again =
    others === 0
      ? ""
      : `; again in ${others} other ${others === 1 ? "window" : "windows"}, ${occurrences} times in all`;
  return { ...finding, occurrences, title: `${finding.title} in window ${firstWindow}${again}` };
}
