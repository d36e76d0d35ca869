// Compares what an event and an idle user cost the server. Usage: npm run bench [-- users …]; default: 50 and 1000.
// With `npm run bench -- heap`: what it takes to read a heap snapshot.
import { compareHeapReaders } from "./heap.ts";
import { measureEvents, measureIdle } from "./measure.ts";
import { type Contender, CONTENDERS, EVENTS_PER_USER } from "./messages.ts";
import { measureScopes } from "./scopes.ts";

const ROUNDS = 5;
const IDLE_USERS = Object.freeze([1000, 10_000]);

async function compareEvents(users: number): Promise<void> {
  const costs = new Map<Contender, number[]>(CONTENDERS.map((contender) => [contender, []]));
  // Interleaved: what else the machine does meets every contender alike.
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contender of CONTENDERS) {
      progress(`${users} users, round ${round} of ${ROUNDS}: ${contender}`);
      costs.get(contender)?.push(await measureEvents(contender, users));
    }
  }
  print(`\n${users} users, ${EVENTS_PER_USER} events each, ${ROUNDS} interleaved rounds`);
  print(
    `  µs of server CPU an event${" ".repeat(12)}median   least to most     × ${CONTENDERS[0]}`,
  );
  const yardstick = median(costs.get(CONTENDERS[0]) ?? []);
  for (const [contender, values] of costs) print(line(contender, values, yardstick));
}

async function compareIdle(users: number): Promise<void> {
  print(`\n${users} users who are connected and idle`);
  for (const contender of CONTENDERS) {
    progress(`${users} idle users: ${contender}`);
    const kilobytes = (await measureIdle(contender, users)) / 1024;
    print(
      `  ${contender.padEnd(36)} ${kilobytes.toFixed(1).padStart(6)} KB of resident memory each`,
    );
  }
}

async function compareScopes(): Promise<void> {
  const { micros, bytes } = await measureScopes();
  print("\nA tree of scopes (user, session, connection, run) created and disposed");
  print(`  ${micros.toFixed(1)} µs, ${Math.round(bytes)} bytes of heap while it lives`);
}

function line(contender: string, values: readonly number[], yardstick: number): string {
  const spread = `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;
  const middle = median(values);
  const ratio = (middle / yardstick).toFixed(2);
  return `  ${contender.padEnd(36)} ${middle.toFixed(1).padStart(6)}   ${spread.padEnd(16)}  ${ratio}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function print(text: string): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  process.stdout.write(`${text}\n`);
}

/** On a terminal only: a run takes minutes. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

async function compareRuntimes(parameters: readonly string[]): Promise<void> {
  const asked = parameters.map(Number);
  if (asked.some((users) => !Number.isSafeInteger(users) || users < 1)) {
    print("Expected `heap` or numbers of users, for example: npm run bench -- 50 1000");
    process.exitCode = 2;
    return;
  }
  for (const users of asked.length > 0 ? asked : [50, 1000]) await compareEvents(users);
  for (const users of IDLE_USERS) await compareIdle(users);
  await compareScopes();
}

const [, , ...parameters] = process.argv;
if (parameters[0] === "heap") await compareHeapReaders(print);
else await compareRuntimes(parameters);
