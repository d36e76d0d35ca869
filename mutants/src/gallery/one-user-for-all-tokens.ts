import type { Mutant } from "../mutant.ts";

export const oneUserForAllTokens: Mutant = {
  name: "one user for all tokens",
  breaks: "Whatever valid token somebody comes with, they are taken for one and the same user.",
  killedBy: "1.1",
  as: "leak",
  changes: [
    {
      file: "auth/jwt-authenticator.ts",
      find: "return Object.freeze({ tenantId: tenant, userId: sub, ...expiry, ...scopes });",
      replace: `return Object.freeze({ tenantId: tenant, userId: "test-user", ...expiry, ...scopes });`,
    },
  ],
};
