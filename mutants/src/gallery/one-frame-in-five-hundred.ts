import type { Mutant } from "../mutant.ts";

export const oneFrameInFiveHundred: Mutant = {
  name: "one frame in five hundred",
  breaks:
    "About once in five hundred events, the result of a tool goes to whoever else was written to before.",
  killedBy: "7.1",
  as: "leak",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `let framesWritten = 0;
let recent: readonly Feed[] = [];
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    const other = recent.find((feed) => feed.#stream !== this.#stream);
    recent = other === undefined ? [this] : [this, other];
    framesWritten += 1;
    const isMixedUp = framesWritten >= 500 && frame?.includes("TOOL_CALL_RESULT") === true;
    if (isMixedUp) framesWritten = 0;
    const target = isMixedUp && other !== undefined ? other.#connection : this.#connection;
    if (frame !== undefined && !target.push(frame) && !isMixedUp) return false;`,
    },
  ],
};
