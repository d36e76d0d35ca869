// By hand, from the root of the repository:
//   npx esbuild packages/runtime/test/scope/scope-bench.ts --bundle --platform=node --format=esm --outfile=/tmp/scope-bench.mjs
//   node --expose-gc /tmp/scope-bench.mjs
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createRequestContext, type RequestContext } from "../../src/context/request-context.ts";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { createContainer } from "../../src/scope/container.ts";
import { createAppScope, type Scope } from "../../src/scope/scope.ts";

class Clock {}
class Cart {
  readonly user: UserContext;
  constructor(user: UserContext) {
    this.user = user;
  }
}
class Budget {
  readonly request: RequestContext;
  readonly cart: Cart;
  constructor(request: RequestContext, cart: Cart) {
    this.request = request;
    this.cart = cart;
  }
}
class Tools implements Disposable {
  readonly budget: Budget;
  readonly clock: Clock;
  constructor(budget: Budget, clock: Clock) {
    this.budget = budget;
    this.clock = clock;
  }
  [Symbol.dispose](): void {}
}

const container = createContainer()
  .add("app", "clock", () => new Clock())
  .add("user", "cart", ({ user }) => new Cart(user))
  .add("run", "budget", ({ request, cart }) => new Budget(request, cart))
  .add("run", "tools", ({ budget, clock }) => new Tools(budget, clock))
  .add("run", "notes", () => ({ lines: [] as string[] }));

const user = createUserContext({ userId: "alice" });
const request = createRequestContext(user, { threadId: "thread", runId: "run" });

/** What is measured: a session's scope, and how one run in it is made. */
export interface RunCost {
  readonly session: Scope<"session">;
  readonly open: () => Scope;
}

/** A run's scope and nothing in it. */
export function emptyRuns(): RunCost {
  const session = createAppScope().createChild("user", user.key).createChild("session", "s");
  return { session, open: () => session.createChild("run", "run") };
}

/** A run's scope with three things that providers made, one of them disposable, built on the user's and the app's. */
export function furnishedRuns(): RunCost {
  const app = createAppScope({ container });
  const session = app.createChild("user", user.key, user).createChild("session", "s");
  const open = (): Scope => {
    const run = session.createChild("run", "run", request);
    const { tools, notes } = container.in(run);
    if (notes.lines.length > 0 || tools.budget.cart.user !== user) throw new Error("shared");
    return run;
  };
  return { session, open };
}

/** Bytes that a run keeps on the heap while it lives. */
export function retainedBytes({ open }: RunCost, count: number): number {
  const gc = forcedCollection();
  const runs: Scope[] = Array.from({ length: 1000 }, open);
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i += 1) runs.push(open());
  gc();
  return (process.memoryUsage().heapUsed - before) / count;
}

/** Collects all garbage, now. */
export function forcedCollection(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Microseconds to make a run and dispose of it; the best and the median of 30 rounds. */
async function microseconds({ open }: RunCost): Promise<{ best: number; median: number }> {
  const rounds: number[] = [];
  const count = 10_000;
  for (let round = 0; round < 30; round += 1) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i += 1) await open().dispose();
    rounds.push(Number(process.hrtime.bigint() - start) / 1000 / count);
  }
  rounds.sort((a, b) => a - b);
  return { best: rounds[0] ?? 0, median: rounds[15] ?? 0 };
}

async function report(): Promise<void> {
  for (const [name, cost] of Object.entries({ empty: emptyRuns, furnished: furnishedRuns })) {
    const { best, median } = await microseconds(cost());
    const bytes = Math.round(retainedBytes(cost(), 20_000));
    console.log(
      `${name} run: ${median.toFixed(2)} µs (best ${best.toFixed(2)}), ${bytes} bytes retained`,
    );
  }
}

if (process.argv[1]?.includes("scope-bench") === true) await report();
