import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { IsolationTestResult } from "watertight";
import { afterEach, describe, expect, test } from "vitest";
import { type Finished, ROOT, WatertightRun } from "./watertight-run.ts";

const UNLUCKY = "integration/targets/unlucky";
const WITH_OTHERS = "integration/targets/with-others";
const MEGABYTE = 1024;

function start(target: string, env: NodeJS.ProcessEnv, ...words: readonly string[]): WatertightRun {
  return new WatertightRun(["check", target, "--users", "6", ...words], { env });
}

/** Runs to the end, and looks whether anything is left of it. */
async function check(
  target: string,
  env: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<Finished> {
  const run = start(target, env, ...words);
  const finished = await run.finished;
  expect(run.processes).toEqual([]);
  return finished;
}

function checksIn({ report }: Finished): readonly IsolationTestResult[] {
  return report.categories.flatMap(({ checks }) => checks);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

describe("a server that can't be checked is told by one sentence, and nothing is left of it:", () => {
  test.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    [
      "it dies at start",
      "integration/targets/exits-early",
      {},
      /ended with exit code 1 before it was ready\. Run it by hand/,
    ],
    [
      "it lacks a package",
      UNLUCKY,
      { LUCK: "lacks" },
      /exit code 1 before it was ready\. The package `@nobody\/has-this` is not there: run `npm install`/,
    ],
    [
      "it takes connections and never answers",
      UNLUCKY,
      { LUCK: "hangs", READY: "answer" },
      /to answer http:\S+ within 6000 ms, got no answer in 2 s\. Check target\.ready/,
    ],
  ])("%s", async (_, target, env, sentence) => {
    const { exitCode, stdout, stderr } = await check(target, env);

    expect(exitCode, stdout + stderr).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe("a server that shows nothing is inconclusive, and the first error says why:", () => {
  test.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    [
      "it never answers, though its port is open",
      UNLUCKY,
      { LUCK: "hangs" },
      /first of \d+ errors: Expected a WebSocket at \S+, got: no answer until the round was given up/,
    ],
    [
      "it answers 500 to everything",
      "integration/targets/only-errors",
      {},
      /first of \d+ errors: GET \/me of user-00 was answered with status 500/,
    ],
    [
      "the scenario throws for everybody",
      UNLUCKY,
      { THROWS: "everybody" },
      /first of \d+ errors: user-00 can't be found: wtcanary\w{4}…/,
    ],
  ])("%s", async (_, target, env, reason) => {
    const finished = await check(target, env, "--only", "2.1");

    expect(finished.exitCode, finished.stdout).toBe(3);
    const [first] = checksIn(finished);
    expect(first).toMatchObject({ verdict: "inconclusive", control: { received: 0 } });
    expect(first?.reason).toMatch(reason);
    // That nothing foreign came is no isolation where nothing came at all.
    expect(finished.report.metrics).toMatchObject({ isolation: null, routing: null });
  });
});

test("a scenario that throws for one user is told beside what was shown of the others", async () => {
  const finished = await check(UNLUCKY, { THROWS: "user-03" }, "--users", "12", "--only", "2.1");

  expect(finished.exitCode, finished.stdout).toBe(0);
  expect(checksIn(finished)[0]?.reason).toMatch(
    /Only 33 of 36 answers carried the user's own secret\. The first of 3 errors: user-03 can't be found/,
  );
});

test("what a server prints of errors that nobody handled is told, without secrets", async () => {
  const finished = await check(UNLUCKY, { LUCK: "rejects" }, "--only", "2.1");

  expect(finished.exitCode, finished.stdout).toBe(0);
  expect(finished.report.notCovered).toContainEqual(
    expect.stringMatching(
      /^The server reported \d+ unhandled rejections; the first: Error: \{"text":"wtcanary\w{4}…"\}\.$/,
    ),
  );
});

test("a server that prints 200 MB is checked as any other, and the suite keeps none of it", async () => {
  const run = start(UNLUCKY, { LUCK: "talks" }, "--only", "2.1");
  const peak = peakOfSuite(run);
  const { exitCode, stdout } = await run.finished;

  expect(exitCode, stdout).toBe(0);
  expect(await peak).toBeGreaterThan(50 * MEGABYTE);
  expect(await peak).toBeLessThan(290 * MEGABYTE);
});

test("a server that does not want to go is made to, with its child and grandchild", async () => {
  const run = start(UNLUCKY, { LUCK: "clings" }, "--only", "2.1");
  await run.hasPrinted("2.1");
  // The command, the suite, the server, its child, and the child's.
  expect(run.processes).toHaveLength(5);

  expect((await run.finished).exitCode).toBe(0);
  expect(run.processes).toEqual([]);
});

describe("a run that breaks in the middle keeps what was seen until then:", () => {
  function expectBroken(finished: Finished, message: RegExp, left = ""): void {
    const { exitCode, stdout, stderr, report } = finished;
    expect(exitCode, stdout + stderr).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("(WT_TARGET_CRASHED)");
    expect(report.verdict).toBe("inconclusive");
    const broken = checksIn(finished).at(-1);
    expect(broken?.verdict).toBe("inconclusive");
    expect(broken?.reason).toMatch(new RegExp(`^Broken off: ${message.source}`));
    expect(report.notCovered[0]).toMatch(new RegExp(`^The run was broken off in ${broken?.id}: `));
    expect(report.notCovered[0]).toMatch(new RegExp(`${left}$`));
    expect(oneLine(stdout)).toContain("Not covered: - The run was broken off");
  }

  test("the server crashes", async () => {
    const html = join(mkdtempSync(join(tmpdir(), "watertight-unlucky-")), "report.html");
    const finished = await check(UNLUCKY, { LUCK: "crashes" }, "--html", html);

    expectBroken(
      finished,
      /Expected the target to live until the last check, but it ended with exit/,
    );
    expect(checksIn(finished)).toMatchObject([
      { id: "2.1", verdict: "passed" },
      { id: "7.1", verdict: "inconclusive" },
    ]);
    expect(finished.stderr).toContain("Error: frame 40");
    expect(readFileSync(html, "utf8")).toContain("broken off in 7.1");
  });

  test("what runs beside it does", async () => {
    const finished = await check(WITH_OTHERS, { ENDS_AT: "30" });

    expectBroken(
      finished,
      /Expected `store` \(`node store\.js`\), which runs beside/,
      "Not made: 5\\.1\\.",
    );
  });

  test("somebody else's server is not there any more", async () => {
    const { url } = await startOwn("crashes");
    const finished = await check(UNLUCKY, {}, "--url", url);

    expectBroken(finished, /Expected \S+ to be there until the last check, but it takes no conn/);
    expect(finished.stderr).not.toContain("exit code");
  });
});

describe("a server that somebody else has started", () => {
  test("is checked, not stopped, and not looked into", async () => {
    const { url, server } = await startOwn("");
    const finished = await check(UNLUCKY, {}, "--url", url, "--only", "2.1,3.1,4,5.1,6.2");

    expect(finished.exitCode, finished.stdout).toBe(3);
    const verdicts = checksIn(finished).map(({ id, verdict }) => `${id} ${verdict}`);
    expect(verdicts[0]).toBe("2.1 passed");
    expect(verdicts.slice(1)).toEqual(
      ["3.1", "4.1", "4.2", "5.1", "6.2"].map((id) => `${id} inconclusive`),
    );
    const sentence = expect.stringContaining("somebody else has started it") as string;
    for (const { reason } of checksIn(finished).slice(2)) expect(reason).toEqual(sentence);
    expect(finished.report.notCovered).toContainEqual(sentence);
    expect(finished.report.again).toContain(` --url ${url} `);
    expect(server.exitCode).toBeNull();
  });

  test("and that is not there is told before anything is done", async () => {
    const { url, server } = await startOwn("");
    server.kill("SIGKILL");
    await once(server, "exit");
    const { exitCode, stderr } = await check(UNLUCKY, {}, "--url", url);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /Expected a server that somebody else has started to accept connections at/,
    );
    expect(stderr).toContain("(WT_TARGET_NOT_READY)");
  });
});

const own = new Set<ChildProcess>();
afterEach(() => {
  for (const server of own) server.kill("SIGKILL");
  own.clear();
});

/** Starts the unlucky server as a user would do beside the tool. */
async function startOwn(
  luck: string,
): Promise<{ readonly url: string; readonly server: ChildProcess }> {
  const server = spawn(process.execPath, [join(ROOT, UNLUCKY, "server.js"), luck], {
    env: { PORT: "0" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  own.add(server);
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}`, server };
}

/** The most memory that the process of the suite ever had, in kilobytes, as the kernel counts it. */
async function peakOfSuite(run: WatertightRun): Promise<number> {
  let peak = 0;
  while (run.child.exitCode === null) {
    for (const id of run.processes) peak = Math.max(peak, peakOf(id));
    await setTimeout(100);
  }
  return peak;
}

function peakOf(id: number): number {
  try {
    if (!readFileSync(`/proc/${id}/cmdline`, "utf8").includes("suite-process")) return 0;
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}
