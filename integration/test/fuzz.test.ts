import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canaryOf } from "../chaos/ledger.ts";
import { Random } from "../chaos/random.ts";
import { type FuzzInput, loadInputs, saveInputs } from "../fuzz/input.ts";
import { isExpected, judgeAnswer, judgeMemory, judgeTables, judgeTurns } from "../fuzz/oracle.ts";
import { requestInput } from "../fuzz/requests.ts";
import { encodeFrame, webSocketInput } from "../fuzz/web-sockets.ts";
import { ROOT } from "./watertight-run.ts";

const RUN = join(ROOT, "integration", "dist", "fuzz", "run.js");
const WORLD = {
  agents: ["echo"],
  runIds: ["run-0"],
  threadIds: ["thread-0"],
  sessions: [],
  positions: [],
};
const STATE = {
  users: 2,
  connections: 4,
  sockets: 5,
  heapMegabytes: 20,
  peakMegabytes: 100,
  longestTurnMs: 5,
  pollution: [],
};

/** Runs `npm run fuzz -- …words` to its end. */
async function fuzz(...words: readonly string[]): Promise<{ code: number | null; output: string }> {
  const cwd = mkdtempSync(join(tmpdir(), "watertight-fuzz-test-"));
  const child = spawn(process.execPath, [RUN, ...words], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

test("a few seconds of nonsense find nothing", async () => {
  const { code, output } = await fuzz("--seconds", "4");
  expect(output).toMatch(/findings +0\n/);
  expect(code, output).toBe(0);
});

/** Says whether inputs are the same, in a time that suits those of 10 MB. */
function digest(inputs: readonly FuzzInput[]): string {
  const hash = createHash("sha256");
  for (const { steps, ...rest } of inputs) {
    hash.update(JSON.stringify([rest, steps.map(({ pauseMs, bytes }) => [pauseMs, bytes.length])]));
    for (const { bytes } of steps) hash.update(bytes);
  }
  return hash.digest("hex");
}

test("the same seed makes the same inputs, and a saved input is the same when it is loaded", () => {
  const file = join(mkdtempSync(join(tmpdir(), "watertight-fuzz-test-")), "inputs.json");
  for (const make of [webSocketInput, requestInput]) {
    const imagine = (seed: string): FuzzInput[] =>
      Array.from({ length: 30 }, (_, n) => make(new Random(`${seed}/${n}`), WORLD, "fuzzer-1"));
    const inputs = imagine("a");
    expect(digest(imagine("a"))).toBe(digest(inputs));
    expect(digest(imagine("b"))).not.toBe(digest(inputs));
    saveInputs(file, inputs);
    expect(digest(loadInputs(file))).toBe(digest(inputs));
  }
});

test("a frame that is meant to be right is right", () => {
  const short = encodeFrame({ payload: Buffer.from("hello"), opcode: 1 });
  expect(short.subarray(0, 2)).toEqual(Buffer.from([0x81, 0x85]));
  expect(short).toHaveLength(2 + 4 + 5);
  expect(encodeFrame({ payload: Buffer.alloc(300), opcode: 1 })).toHaveLength(4 + 4 + 300);
  expect(encodeFrame({ payload: Buffer.alloc(70_000), opcode: 1 })).toHaveLength(10 + 4 + 70_000);
});

test("the oracle finds a server's failure and another user's secret in an answer", () => {
  const by = (userId: string, text = ""): FuzzInput => {
    const steps = [{ bytes: Buffer.from(text), pauseMs: 0 }];
    return { kind: "test", userId, steps, ending: "end", lingerMs: 0 };
  };
  const canaries = [canaryOf("seed", "fuzzer-1")];
  const answer = { statuses: [200, 503], canaries, bytes: 1 };
  expect(judgeAnswer(answer, "seed", by("fuzzer-1"))).toBeUndefined();
  expect(judgeAnswer({ ...answer, statuses: [500] }, "seed", by("fuzzer-1"))).toContain("500");
  expect(judgeAnswer(answer, "seed", by("fuzzer-2"))).toContain("another user's");
  expect(judgeAnswer(answer, "seed", by("fuzzer-2", "X-Operator: yes"))).toBeUndefined();
  const stolen = { ...answer, canaries: [canaryOf("seed", "witness-1")] };
  expect(judgeAnswer(stolen, "seed", by("fuzzer-2", "X-Operator: yes"))).toContain(
    "another user's",
  );
});

test("the oracle finds what is left behind, and what an operator should not have heard", () => {
  expect(judgeTables(STATE, STATE)).toBeUndefined();
  expect(judgeTables(STATE, { ...STATE, users: 3 })).toContain("3 users");
  expect(judgeTables(STATE, { ...STATE, sockets: 6 })).toContain("6 sockets");
  expect(judgeMemory(STATE, STATE)).toBeUndefined();
  expect(judgeMemory(STATE, { ...STATE, heapMegabytes: 50 })).toContain("30.0 MiB");
  expect(judgeMemory(STATE, { ...STATE, pollution: ["isAdmin"] })).toContain("isAdmin");
  expect(judgeTurns(STATE)).toBeUndefined();
  expect(judgeTurns({ ...STATE, longestTurnMs: 1500 })).toContain("1500 ms");
  const message = "";
  expect(isExpected({ stage: "socket", code: "Error", message })).toBe(true);
  expect(isExpected({ stage: "uncaught", code: "TypeError", message })).toBe(false);
  expect(isExpected({ stage: "sink", code: "WT_RUN_UNKNOWN", message })).toBe(false);
});

test("words that are not understood are told, with exit code 2", async () => {
  const { code, output } = await fuzz("--seconds", "long");
  expect(code).toBe(2);
  expect(output).toContain("Expected --seconds to be a whole number");
});
