import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { judgeUser } from "../chaos/judge.ts";
import { type AskedRun, openLedger, type UserLedger } from "../chaos/ledger.ts";
import { scriptOf } from "../chaos/script.ts";
import { ROOT } from "./watertight-run.ts";

const RUN = join(ROOT, "integration", "dist", "chaos", "run.js");
const SEED = "test";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm run chaos -- …words` to its end, or until it has printed `until` and was sent SIGINT. */
async function chaos(
  words: readonly string[],
  until?: string,
): Promise<Ended & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "watertight-chaos-test-"));
  const child = spawn(process.execPath, [RUN, ...words], {
    // oxlint-disable-next-line node/no-process-env -- a command gets the environment of its user
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => {
    output += text.toString();
    if (until !== undefined && output.includes(until)) child.kill("SIGINT");
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output, folder };
}

/** The processes that have `text` in their environment. */
function processesWith(text: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "latin1").includes(text);
    } catch {
      return false;
    }
  });
}

/** What `user` is told in one run, as frames of the user's log from `first` on. */
function framesOf(userId: string, runId: string, first = 1): string[] {
  const { canary } = openLedger(SEED, userId);
  const part = { userId, canary, threadId: "thread", runId };
  const said = scriptOf(part).map(({ event }) => event);
  const end = { type: "RUN_FINISHED", outcome: { type: "success" } };
  return [{ type: "RUN_STARTED" }, ...said, end].map((event, index) => {
    const place = {
      threadId: "thread",
      runId,
      seq: index + 1,
      position: `position-${first + index}`,
    };
    return JSON.stringify({ ...event, metadata: place });
  });
}

/** A ledger with one device that got everything, cut off once in the middle. */
function flawless(userId = "user-000"): UserLedger {
  const ledger = openLedger(SEED, userId);
  const first = framesOf(userId, "run-0");
  const frames = [...first, ...framesOf(userId, "run-1", first.length + 1)];
  ledger.asked.set("run-0", { threadId: "thread", isCancelled: false });
  ledger.asked.set("run-1", { threadId: "thread", isCancelled: false });
  const stints = [
    { after: undefined, from: "position-0", resume: "live", frames: frames.slice(0, 4) },
    { after: "position-4", from: "position-4", resume: "resumed", frames: frames.slice(4) },
  ];
  ledger.devices.push({ name: "device-1", stints });
  ledger.replay = [...frames];
  return ledger;
}

/** What the judge finds after `doctor` has changed the first device's second stint, or the ledger. */
function findings(doctor: (frames: string[], ledger: UserLedger) => void): readonly string[] {
  const ledger = flawless();
  doctor(ledger.devices[0]?.stints[1]?.frames ?? [], ledger);
  return judgeUser(ledger).violations.map(({ kind }) => kind);
}

test("the judge acquits a flawless ledger", () => {
  const ledger = flawless();
  const { violations, acknowledged, runs } = judgeUser(ledger);
  expect(violations).toEqual([]);
  expect(acknowledged).toBe(ledger.replay.length);
  expect(runs).toEqual({ finished: 2, cancelled: 0, died: 0 });
});

test("the judge finds an event that one device never got", () => {
  expect(findings((frames) => void frames.splice(2, 1))).toContain("lost");
  expect(findings((frames) => void frames.pop())).toContain("lost");
});

test("the judge finds an event that was told and is gone from the log", () => {
  expect(findings((_, { replay }) => void replay.splice(2, 1))).toContain("lost");
  expect(findings((_, { replay }) => void replay.pop())).toContain("lost");
});

test("the judge finds an event that came twice, also before and after a cut", () => {
  expect(findings((frames) => void frames.splice(3, 0, frames[2] as string))).toContain(
    "duplicated",
  );
  expect(findings((frames, { replay }) => void frames.unshift(replay[3] as string))).toContain(
    "duplicated",
  );
});

test("the judge finds two events that changed places", () => {
  const swap = (frames: string[]): void => {
    [frames[1], frames[2]] = [frames[2] as string, frames[1] as string];
  };
  expect(findings(swap)).toContain("reordered");
});

test("the judge finds an event of another user", () => {
  const foreign = framesOf("user-001", "run-0")[3] as string;
  expect(findings((frames) => void (frames[0] = foreign))).toContain("misdelivered");
  expect(findings((_, { words }) => void words.push(foreign))).toContain("misdelivered");
});

test("the judge finds an event that says something else on another device", () => {
  const alter = (frames: string[]): void => {
    frames[1] = (frames[1] as string).replace(/"type":"/, '"changed":1,"type":"');
  };
  expect(findings(alter)).toContain("altered");
});

test("the judge finds runs that don't end, end twice, skip a number or say what their agent did not", () => {
  const both = (change: (frames: string[]) => void): readonly string[] =>
    findings((_, ledger) => {
      change(ledger.replay);
      ledger.devices.length = 0;
    });
  expect(both((frames) => void frames.pop())).toEqual(["run"]);
  expect(
    both((frames) => void frames.push((frames.at(-1) as string).replace(/position-\d+/, "p"))),
  ).toContain("run");
  expect(both((frames) => void frames.splice(2, 1))).toContain("run");
  expect(
    both((frames) => void (frames[2] = (frames[2] as string).replace("hears", "says"))),
  ).toEqual(["run"]);
});

test("the judge finds a skip that the server tells itself", () => {
  const reset = (_: string[], { devices }: UserLedger): void => {
    const stint = devices[0]?.stints[1];
    Object.assign(stint ?? {}, { resume: "reset: rolled-back" });
  };
  expect(findings(reset)).toEqual(["reset"]);
});

test("the judge finds a refusal that nothing gave a reason for, and bears with a cancel that came too late", () => {
  const say =
    (word: string) =>
    (_: string[], { words }: UserLedger) =>
      void words.push(word);
  const late = '{"type":"error","code":"RUN_UNKNOWN","retryable":false,"runId":"run-0"}';
  expect(findings(say("device-1: closed with 4515 cursor refused"))).toEqual(["refused"]);
  expect(findings(say("device-1: refused with HTTP 503"))).toEqual(["refused"]);
  expect(findings(say(`device-1: ${late}`))).toEqual(["refused"]);
  expect(
    findings((frames, ledger) => {
      (ledger.asked.get("run-0") as AskedRun).isCancelled = true;
      say(`device-1: ${late}`)(frames, ledger);
    }),
  ).toEqual([]);
});

test("a server that is killed again and again loses nothing that was told, and leaves nothing behind", async () => {
  const { code, output, folder } = await chaos([
    "--users",
    "12",
    "--kills",
    "6",
    "--cuts",
    "24",
    "--seconds",
    "9",
  ]);
  expect(output).toMatch(/lost +0\n/);
  expect(output).toMatch(/delivered to a wrong user +0\n/);
  expect(code, output).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test("events that are kept in memory are lost with the server, and that is noticed", async () => {
  const { code, output } = await chaos([
    "--users",
    "4",
    "--kills",
    "2",
    "--cuts",
    "0",
    "--seconds",
    "4",
    "--log",
    "memory",
  ]);
  expect(output).toMatch(/LOST user-\d+ device-\d/);
  expect(code).toBe(1);
});

test("Ctrl-C ends everything and removes the folder", async () => {
  const { code, folder } = await chaos(["--users", "4", "--kills", "50"], " s: ");
  expect(code).toBe(130);
  await delay(300);
  expect(processesWith(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("words that are not understood are told, with exit code 2", async () => {
  const { code, output } = await chaos(["--kills", "many"]);
  expect(code).toBe(2);
  expect(output).toContain("Expected --kills to be a whole number");
});
