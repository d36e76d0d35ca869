import { ToolError } from "../errors.ts";
import { category1 } from "./category-1.ts";
import { category2 } from "./category-2.ts";
import { category3 } from "./category-3.ts";
import { category4 } from "./category-4.ts";
import { category5 } from "./category-5.ts";
import { category6 } from "./category-6.ts";
import { category7 } from "./category-7.ts";
import type { Category } from "./check.ts";

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

/**
 * Picks categories (`2`) and checks (`2.1`) by id; an empty list picks all. Throws WT_USAGE for an
 * id that does not exist, with those that do.
 */
export function selectChecks(only: readonly string[]): readonly Category[] {
  if (only.length === 0) return CATALOGUE;
  const known = CATALOGUE.flatMap(({ id, checks }) => [String(id), ...checks.map((c) => c.id)]);
  const unknown = only.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new ToolError(
      "WT_USAGE",
      `Expected --only to name categories or checks (${known.join(", ")}), got \`${unknown}\`: correct it`,
    );
  }
  return CATALOGUE.map((category) => ({
    ...category,
    checks: category.checks.filter(
      ({ id }) => only.includes(String(category.id)) || only.includes(id),
    ),
  })).filter(({ checks }) => checks.length > 0);
}
