import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CACHE, type Case, SIDES } from "./cases.ts";
import type { SideResult } from "./check-side.ts";
import type { Judged } from "./judge.ts";
import { hashInputs } from "./prepare.ts";

const FILE = join(CACHE, "results.json");

/** The last result of each side that was ever made here. */
export async function readResults(): Promise<readonly SideResult[]> {
  const text = await readFile(FILE, "utf8").catch(() => "[]");
  return JSON.parse(text) as readonly SideResult[];
}

/** Keeps a result in the place of an earlier one of the same side. */
export async function keepResult(result: SideResult): Promise<void> {
  const others = (await readResults()).filter((other) => !isSameSide(other, result));
  const all = [...others, result].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b), "en"));
  await mkdir(CACHE, { recursive: true });
  await writeFile(FILE, `${JSON.stringify(all, undefined, 2)}\n`);
}

/** Every side of `cases` with its kept result, as far as nothing that it depends on has changed since. */
export async function currentResults(cases: readonly Case[]): Promise<readonly Judged[]> {
  const results = await readResults();
  const sides = cases.flatMap((target) => SIDES.map((side) => ({ target, side })));
  return Promise.all(
    sides.map(async ({ target, side }) => {
      const inputs = await hashInputs(target, side);
      const result = results.find(
        (kept) => isSameSide(kept, { id: target.id, side }) && kept.inputs === inputs,
      );
      return { target, side, result };
    }),
  );
}

function isSameSide(a: Pick<SideResult, "id" | "side">, b: Pick<SideResult, "id" | "side">) {
  return keyOf(a) === keyOf(b);
}

function keyOf({ id, side }: Pick<SideResult, "id" | "side">): string {
  return `${id} ${side}`;
}
