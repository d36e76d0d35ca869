import type { ResolvedConfig } from "../config/resolve-config.ts";
import { checksForAgents } from "../suite/catalogue.ts";
import type { Bench } from "../suite/bench.ts";
import type { SoakTotals } from "../suite/soak-totals.ts";

/** What a run came across that was not looked at. */
export interface Gaps {
  /** The categories and checks that were asked for; empty for all. */
  readonly only: readonly string[];
  /** Whether a lone user got the same each time. */
  readonly hasShape: boolean;
  /** Requests that were answered with an error. */
  readonly refusals: { readonly count: number; readonly first: string | undefined };
  /** Labels of canaries that reached others and were declared as shared. */
  readonly shared: ReadonlySet<string>;
  /** Why the target's process could not be looked into, if so. */
  readonly blindness: string | undefined;
  /** What the target said of errors that nobody handled. */
  readonly complaints: readonly string[];
  /** What the checks say themselves. */
  readonly others: Iterable<string>;
}

/** The gaps of a check. */
export function gapsOf(bench: Bench, known: Pick<Gaps, "only" | "hasShape" | "complaints">): Gaps {
  const refusals = bench.totals.flatMap((round) => round.refusals);
  return {
    ...known,
    refusals: { count: refusals.length, first: refusals[0] },
    shared: new Set(bench.totals.flatMap((round) => [...round.shared])),
    blindness: bench.witness.blindness,
    others: bench.gaps,
  };
}

/** The gaps of a soak; that its process could not be looked into, check 4.1 says already. */
export function gapsOfSoak(totals: SoakTotals, { complaints }: Pick<Gaps, "complaints">): Gaps {
  const { hasShape, refusals, shared, gaps: others } = totals;
  return { only: [], hasShape, refusals, shared, blindness: undefined, complaints, others };
}

/** What was not looked at, a sentence each. */
export function notCovered(config: ResolvedConfig, gaps: Gaps): string[] {
  const { agents, share } = config;
  const { only, hasShape, refusals, shared, blindness, complaints, others } = gaps;
  const sentences =
    only.length === 0 ? [] : [`Only ${only.join(", ")} of the checks were asked for.`];
  sentences.push(
    ...outboundGaps(config),
    "Compressed WebSocket frames were not offered to the server.",
  );
  if (agents === undefined && only.length === 0) {
    sentences.push(
      `Checks of agents and their components (${checksForAgents().join(", ")}): the config describes a scenario.`,
    );
  }
  if (agents !== undefined && agents.slow === undefined) {
    sentences.push(
      "No slow agent was named: overlaps with a long run, reconnects and cancels were not tried.",
    );
  }
  if (!hasShape) {
    sentences.push(
      "A lone user's answers differed from each other: of a run only its numbers and its end were judged, not every event.",
    );
  }
  if (refusals.first !== undefined) {
    sentences.push(
      `What stands behind HTTP errors: ${refusals.count} requests were answered with one, the first: ${refusals.first}.`,
    );
  }
  if (blindness !== undefined) sentences.push(blindness);
  sentences.push(...complaints, ...others);
  for (const label of share) {
    const seen = shared.has(label)
      ? "and seen by others"
      : "never seen by others: remove it from `share`";
    sentences.push(`Declared as shared, ${seen}: ${label}.`);
  }
  return sentences;
}

/** What left the server unseen. */
function outboundGaps({ sinks, target, scansLogs }: ResolvedConfig): readonly string[] {
  const names = sinks.map(({ name }) => name).join(", ");
  const isRemote = target.kind === "url";
  const where =
    names === "" || isRemote
      ? "elsewhere (mail, other servers)"
      : `to other places than its sinks (${names})`;
  const why =
    names !== "" && isRemote
      ? `: somebody else has started it, and can't be told of the sinks (${names})`
      : "";
  const logs = scansLogs && !isRemote ? [] : ["What the server prints was not looked at."];
  return [`What the server sends ${where} was not looked at${why}.`, ...logs];
}
