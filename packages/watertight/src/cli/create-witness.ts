import type { ResolvedConfig } from "../config/resolve-config.ts";
import { HeapWitness, type HeapWitnessOptions } from "../suite/heap-witness.ts";
import { createBlindWitness, type Witness } from "../suite/witness.ts";

/** What can be seen inside a target: nothing, if somebody else has started it. */
export function createWitness(
  { target, keep }: ResolvedConfig,
  options: Omit<HeapWitnessOptions, "keep">,
): Witness {
  if (target.kind !== "url") return new HeapWitness({ ...options, keep });
  return createBlindWitness(
    `The process of ${target.url} could not be looked into: somebody else has started it; give target.command, so that it is started for you`,
  );
}
