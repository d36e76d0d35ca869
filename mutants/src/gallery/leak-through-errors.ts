import type { Mutant } from "../mutant.ts";

export const leakThroughErrors: Mutant = {
  name: "leak through errors",
  breaks: "The answer to a broken frame quotes the last broken frame, whoever sent it.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "protocol/frames.ts",
      find: 'return refuse("FRAME_INVALID", "Expected a JSON object, got text that is no JSON.");',
      replace: `const previous = broken.pop() ?? "";
    broken.push(text);
    return refuse("FRAME_INVALID", \`Expected a JSON object, as little as in: \${previous}\`);`,
    },
    {
      file: "protocol/frames.ts",
      find: "/** Reads a text frame. Never throws; never repeats what the client wrote. */",
      replace: "const broken: string[] = [];\n\n/** Reads a text frame. */",
    },
  ],
};
