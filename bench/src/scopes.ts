import { createAppScope } from "@watertight/runtime";

const ROUNDS = 20_000;

/** What a run's scope with its session and user costs: microseconds and bytes of heap. */
export interface ScopeCost {
  readonly micros: number;
  readonly bytes: number;
}

/** Creates and disposes trees of user, session, connection and run, and answers what one tree costs. */
export async function measureScopes(): Promise<ScopeCost> {
  const app = createAppScope();
  await churn(app, ROUNDS / 10);
  const before = performance.now();
  await churn(app, ROUNDS);
  const micros = ((performance.now() - before) * 1000) / ROUNDS;
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const trees = Array.from({ length: ROUNDS }, (_, index) => grow(app, index));
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - heapBefore) / ROUNDS;
  await Promise.all(trees.map((tree) => tree.dispose()));
  await app.dispose();
  return { micros, bytes };
}

type AppScope = ReturnType<typeof createAppScope>;

function grow(app: AppScope, index: number): AsyncDisposable & { dispose(): Promise<void> } {
  const user = app.createChild("user", `user-${index}`);
  const session = user.createChild("session", "session");
  session.createChild("connection", "connection");
  session.createChild("run", "run");
  return user;
}

async function churn(app: AppScope, times: number): Promise<void> {
  for (let index = 0; index < times; index += 1) await grow(app, index).dispose();
}
