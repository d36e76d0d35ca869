// Compares what an event costs the server. Usage: npm run bench [-- users …]; default: 50 and 1000.
import { measure } from "./measure.ts";
import { CONTENDERS, EVENTS_PER_USER } from "./messages.ts";

const ROUNDS = 5;

async function compare(users: number): Promise<void> {
  const costs = new Map<string, number[]>(CONTENDERS.map((contender) => [contender, []]));
  // Interleaved: what else the machine does meets every contender alike.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of CONTENDERS) costs.get(contender)?.push(await measure(contender, users));
  }
  print(`\n${users} users, ${EVENTS_PER_USER} events each, ${ROUNDS} interleaved rounds`);
  const yardstick = median(costs.get(CONTENDERS[0]) ?? []);
  for (const [contender, values] of costs) print(line(contender, values, yardstick));
}

function line(contender: string, values: readonly number[], yardstick: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const spread = `${least.toFixed(1)} to ${most.toFixed(1)}`;
  const ratio = (median(values) / yardstick).toFixed(2);
  return `  ${contender.padEnd(12)} ${median(values).toFixed(1).padStart(6)} µs of server CPU an event (${spread})   ${ratio} × ${CONTENDERS[0]}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const asked = process.argv.slice(2).map(Number);
if (asked.some((users) => !Number.isSafeInteger(users) || users < 1)) {
  print("Expected numbers of users, for example: npm run bench -- 50 1000");
  process.exitCode = 2;
} else {
  for (const users of asked.length > 0 ? asked : [50, 1000]) await compare(users);
}
