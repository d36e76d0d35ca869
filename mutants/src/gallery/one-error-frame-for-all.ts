import type { Mutant } from "../mutant.ts";

export const oneErrorFrameForAll: Mutant = {
  name: "one error frame for all",
  breaks:
    "One object is filled in for each refusal: what it does not mention is still there from somebody else's.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "http/web-socket-dialog.ts",
      find: "const MAX_INVALID_FRAMES = 10;",
      replace: `const refusal: Partial<ErrorFrame> = {};
const MAX_INVALID_FRAMES = 10;`,
    },
    {
      file: "http/web-socket-dialog.ts",
      find: `    const frame: ErrorFrame = { type: "error", code, message, retryable, ...about };`,
      replace: `    const frame = Object.assign(refusal, { type: "error", code, message, retryable, ...about });`,
    },
  ],
};
