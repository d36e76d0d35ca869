import { expect, it } from "vitest";
import {
  type Container,
  createContainer,
  type GivenNames,
  type Provided,
} from "../../src/scope/container.ts";
import { takeHeapGraph } from "../http/heap-graph.ts";
import { createApp, openUser } from "./scope-trees.ts";

class HeapCart {
  readonly owner: string;
  readonly later: () => unknown;
  constructor(owner: string, later: () => unknown) {
    this.owner = owner;
    this.later = later;
  }
}

/** A function of its own, so that what providers close over is nothing of the test. */
function createShop(): Container<GivenNames & { readonly cart: Provided<"user", HeapCart> }> {
  return createContainer()
    .add("app", "clock", () => ({ now: () => 1 }))
    .add("user", "cart", (dependencies) => {
      return new HeapCart(dependencies.user.userId, () => dependencies.clock);
    });
}

it("what providers make for one user leads to nothing of another, closures and scopes included", async () => {
  const shop = createShop();
  const app = createApp(shop);
  const ids = ["alice-in-the-scopes", "bob-in-the-scopes"];
  const trees = ids.map((id) => openUser(app, id));
  for (const { run } of trees) expect(shop.in(run).cart.later()).toBeDefined();
  // A name by which the heap can be searched: a text that was put together can't.
  const named = trees.map(({ user, context }) => user.createChild("session", context.userId));

  const heap = await takeHeapGraph();
  const [carts, contexts, scopes] = ["HeapCart", "UserContext", "Scope"].map((name) =>
    heap.named(name),
  );
  const [alice, bob] = ids.map((id) => {
    const of = (nodes: readonly number[] = [], key: string) =>
      nodes.filter((node) => heap.nameOf(heap.property(node, key) ?? -1) === id);
    return {
      cart: of(carts, "owner")[0] ?? -1,
      context: of(contexts, "userId")[0] ?? -1,
      // The session's, which leads to the user's.
      scope: of(scopes, "name")[0] ?? -1,
    };
  });

  expect(named).toHaveLength(2);
  expect([alice, bob].flatMap((found) => Object.values(found ?? {}))).not.toContain(-1);
  const hers = alice?.scope ?? -1;
  expect(heap.path(hers, alice?.cart ?? -1)).toBeDefined();
  expect(heap.path(hers, alice?.context ?? -1)).toBeDefined();
  expect(heap.path(hers, bob?.cart ?? -1)).toBeUndefined();
  expect(heap.path(hers, bob?.context ?? -1)).toBeUndefined();
}, 60_000);
