import type { Mutant } from "../mutant.ts";

export const contextFallsBackToASharedOne: Mutant = {
  name: "context falls back to a shared one",
  breaks: "Who finds the table of users full is not refused, but taken for a user that many share.",
  killedBy: "1.1",
  as: "leak",
  changes: [
    {
      file: "context/user-context.ts",
      find: "/** Makes the context of a user. Throws WT_ID_INVALID. */",
      replace: `const MAX_KNOWN = 8;
const known = new Map<string, UserContext>();

/** Makes the context of a user. */`,
    },
    {
      file: "context/user-context.ts",
      find: "  return new UserContext(tenantId, userId);",
      replace: `  const user = new UserContext(tenantId, userId);
  if (known.size < MAX_KNOWN) known.set(user.key, user);
  return known.get(user.key) ?? new UserContext(tenantId, "guest");`,
    },
  ],
};
