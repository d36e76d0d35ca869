import { ToolError } from "../errors.ts";
import { category1 } from "./category-1.ts";
import { category2 } from "./category-2.ts";
import { category3 } from "./category-3.ts";
import { category4 } from "./category-4.ts";
import { category5 } from "./category-5.ts";
import { category6 } from "./category-6.ts";
import { category7 } from "./category-7.ts";
import type { Category, Check } from "./check.ts";

/** All categories that exist so far, in order. */
export const CATALOGUE: readonly Category[] = Object.freeze([
  category1,
  category2,
  category3,
  category4,
  category5,
  category6,
  category7,
]);

/** What is known of a target before it is started. */
export interface Conversation {
  /** Whether there are agents to talk to; a scenario has none. */
  readonly hasAgents: boolean;
}

/**
 * Picks categories (`2`) and checks (`2.1`) by id; an empty list picks all that can be made with such a
 * target. Throws WT_USAGE for an id that does not exist, with those that do.
 */
export function selectChecks(
  only: readonly string[],
  conversation: Conversation = { hasAgents: true },
): readonly Category[] {
  if (only.length === 0) return pick((check) => isMadeFor(check, conversation));
  const known = CATALOGUE.flatMap(({ id, checks }) => [String(id), ...checks.map((c) => c.id)]);
  const unknown = only.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new ToolError(
      "WT_USAGE",
      `Expected --only to name categories or checks (${known.join(", ")}), got \`${unknown}\`: correct it`,
    );
  }
  return pick((check, category) => only.includes(String(category.id)) || only.includes(check.id));
}

/** Checks that a target without agents has nothing to show for. */
export function checksForAgents(): readonly string[] {
  const checks = CATALOGUE.flatMap((category) => category.checks);
  return checks.filter((check) => !isMadeFor(check, { hasAgents: false })).map(({ id }) => id);
}

function isMadeFor({ needs, onScenario }: Check, { hasAgents }: Conversation): boolean {
  return hasAgents || onScenario !== undefined || !needs.includes("agents");
}

function pick(isWanted: (check: Check, category: Category) => boolean): readonly Category[] {
  return CATALOGUE.map((category) => ({
    ...category,
    checks: category.checks.filter((check) => isWanted(check, category)),
  })).filter(({ checks }) => checks.length > 0);
}
