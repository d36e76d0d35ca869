import { createHash } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import type { CanaryBook } from "../canary.ts";
import { canaryPattern } from "../canary.ts";
import { createNeedles } from "../detectors/needles.ts";
import type { Finding, PatternRef } from "../finding.ts";
import { ADVICE } from "./advice.ts";
import { type StreamHit, StreamScan } from "./stream-scan.ts";

/** What a process prints, as it prints it. */
export type Listen = (listener: (stream: string, text: string) => void) => void;

/** Where a run stands. */
export interface Place {
  readonly check: string;
  readonly pattern: PatternRef;
  readonly replay: string;
}

export interface LogWitnessOptions {
  readonly book: CanaryBook;
  readonly nameOf: (user: number) => string;
  /** Labels of canaries that are no secrets. */
  readonly share: readonly string[];
  readonly place: () => Place;
}

/** What was printed under one label. */
interface Entry {
  readonly label: string;
  readonly users: Set<number>;
  readonly example: string;
  readonly place: Place;
  occurrences: number;
}

/** So many labels are told apart; the rest is told of together. */
const MAX_LABELS = 20;
const REST = "others";
const NAMED_USERS = 3;
/** So much of a canary tells it from others, and is no secret. */
const SHOWN_TOKEN = 12;
const MAX_BEFORE = 80;
const MAX_EXAMPLE = 200;

/**
 * Looks for secrets of users in what a target prints. They reach operators, not users: a note for each
 * label, with a count, and no verdict.
 */
export class LogWitness {
  readonly #options: LogWitnessOptions;
  readonly #needles = createNeedles();
  readonly #entries = new Map<string, Entry>();

  constructor(options: LogWitnessOptions) {
    this.#options = options;
  }

  /** Looks through everything that a process prints from now on. */
  watch(listen: Listen): void {
    const scans = new Map<string, StreamScan>();
    listen((stream, text) => {
      const scan = scans.get(stream) ?? new StreamScan(this.#options.book, this.#needles);
      scans.set(stream, scan);
      for (const hit of scan.read(Buffer.from(text))) this.#note(hit);
    });
  }

  /** What was seen so far, the most frequent first. */
  get findings(): readonly Finding[] {
    const entries = [...this.#entries.values()];
    return entries.toSorted((a, b) => b.occurrences - a.occurrences).map((one) => this.#tell(one));
  }

  #note(hit: StreamHit): void {
    const { user, label } = hit.owner;
    if (this.#options.share.includes(label)) return;
    // `run-1`, `run-2`, …: the number says nothing about the line that prints it.
    const general = label.replaceAll(/\d+/g, "#");
    const isRest = !this.#entries.has(general) && this.#entries.size >= MAX_LABELS;
    const key = isRest ? REST : general;
    const entry = this.#entries.get(key) ?? {
      label: key,
      users: new Set<number>(),
      example: exampleOf(hit),
      place: this.#options.place(),
      occurrences: 0,
    };
    entry.users.add(user);
    entry.occurrences += 1;
    this.#entries.set(key, entry);
  }

  #tell({ label, users, example, place, occurrences }: Entry): Finding {
    const names = [...users].slice(0, NAMED_USERS).map((user) => this.#options.nameOf(user));
    const others = users.size - names.length;
    const who = [...names, ...(others > 0 ? [`${others} others`] : [])].join(", ");
    return {
      id: `wt-${createHash("sha256").update(`logged ${label}`).digest("hex").slice(0, 6)}`,
      kind: "logged",
      tier: "exposed",
      title: `The server printed “${label}” of ${users.size} ${users.size === 1 ? "user" : "users"} (${who}), ${occurrences} ${occurrences === 1 ? "time" : "times"}`,
      example,
      occurrences,
      expected: "nothing of what users say or are in what the server prints",
      heldIn: [],
      lacks: "no user was seen to receive it: who reads the logs does",
      fix: ADVICE.logged,
      ...place,
    };
  }
}

/** The line, in which of each canary only the start can be read. */
function exampleOf({ before, from }: StreamHit): string {
  const written = /^[\w+/=-]*/.exec(from)?.[0] ?? "";
  const line = `${before.slice(-MAX_BEFORE)}${written.slice(0, SHOWN_TOKEN)}…${from.slice(written.length)}`;
  return stripVTControlCharacters(line)
    .replaceAll(
      new RegExp(canaryPattern().source, "gi"),
      (token) => `${token.slice(0, SHOWN_TOKEN)}…`,
    )
    .trim()
    .slice(0, MAX_EXAMPLE);
}
