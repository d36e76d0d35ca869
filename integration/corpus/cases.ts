import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The version with the flaw, or the first without it. */
export type Side = "vulnerable" | "fixed";

/**
 * What a side must come to. `proved`: a user received another's data. `passed`: no finding, and everybody received
 * their own. `silent`: no finding; for versions that refuse what they can't do safely.
 */
export type Expectation = "proved" | "passed" | "silent";

/** A leak that was published, or a control that only looks like one; `case.json` of its folder. */
export interface Case {
  /** The name of its folder. */
  readonly id: string;
  readonly package: string;
  readonly advisory: { readonly name: string; readonly url: string };
  /** What kind of mistake it is; `control` for none. */
  readonly class: string;
  readonly mechanism: string;
  readonly pins: Readonly<Record<Side, string>>;
  readonly expect: Readonly<Record<Side, Expectation>>;
  /** Command that builds the server, run in its folder without a shell. */
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export const SIDES: readonly Side[] = Object.freeze(["vulnerable", "fixed"]);
export const CONTROL = "control";

const PACKAGE = dirname(createRequire(import.meta.url).resolve("watertight/package.json"));
const ROOT = join(PACKAGE, "..", "..");
export const WATERTIGHT: string = join(PACKAGE, "bin", "watertight.js");
export const CORPUS: string = join(ROOT, "corpus");
export const CACHE: string = join(CORPUS, ".cache");
export const DOCUMENT: string = join(ROOT, "docs", "corpus.md");

/** All cases, leaks before controls, by name. */
export async function readCases(): Promise<readonly Case[]> {
  const entries = await readdir(CORPUS, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const cases = await Promise.all(names.map(({ name }) => readCase(name)));
  return cases.toSorted(
    (a, b) => Number(isControl(a)) - Number(isControl(b)) || a.id.localeCompare(b.id, "en"),
  );
}

/** Those of `ids`, or all if there are none; throws an Error that lists what there is for an unknown one. */
export function choose(cases: readonly Case[], ids: readonly string[]): readonly Case[] {
  const unknown = ids.find((id) => !cases.some((candidate) => candidate.id === id));
  if (unknown !== undefined) {
    throw new Error(
      `Expected a case out of ${cases.map(({ id }) => id).join(", ")}, got ${unknown}`,
    );
  }
  return ids.length === 0 ? cases : cases.filter(({ id }) => ids.includes(id));
}

export function isControl(candidate: Case): boolean {
  return candidate.class === CONTROL;
}

async function readCase(name: string): Promise<Case> {
  const read = JSON.parse(await readFile(join(CORPUS, name, "case.json"), "utf8")) as Case;
  if (read.id === name) return read;
  throw new Error(`Expected the case in corpus/${name} to have that id, got ${read.id}`);
}
