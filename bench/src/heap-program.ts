// A server's heap as it might be: many orders in an index, handlers, and secrets of 20 users in known
// places. Usage: node heap-program.js <snapshot file> <orders>
import { writeHeapSnapshot } from "node:v8";
import { secretOf, USERS } from "./heap-messages.ts";

class Order {
  readonly id: string;
  readonly lines: readonly object[];
  readonly meta: object;

  constructor(number: number) {
    this.id = `order-${number}-${Math.imul(number, 2_654_435_761) >>> 0}`;
    this.lines = [
      { sku: `sku-${number % 1000}`, number },
      { sku: `special-${number}`, number: 2 },
    ];
    this.meta = { at: new Date(number), tags: ["a", `tag-${number % 77}`] };
  }
}

class Index {
  readonly #byId = new Map<string, Order>();

  add(order: Order): void {
    this.#byId.set(order.id, order);
  }

  get size(): number {
    return this.#byId.size;
  }
}

const index = new Index();
const handlers: (() => string)[] = [];
const sessions = new Map<number, object>();
const lastSeen: string[] = [];

class SocketManager {
  static #instance: SocketManager | undefined;
  readonly connections = new Map<number, object>();

  static get instance(): SocketManager {
    SocketManager.#instance ??= new SocketManager();
    return SocketManager.#instance;
  }

  /** Names the module's tables, so that a census of the class goes through all of the heap. */
  describe(): readonly number[] {
    return [index.size, handlers.length, sessions.size, lastSeen.length];
  }
}

/** A text of one piece, as it comes from the wire. */
function received(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

const [, , file, orders] = process.argv;
for (let number = 0; number < Number(orders); number += 1) {
  const order = new Order(number);
  index.add(order);
  if (number % 3 === 0) handlers.push(() => order.id);
}
for (let user = 0; user < USERS; user += 1) {
  sessions.set(user, { profile: { motto: received(secretOf(user)) } });
  lastSeen.push(received(`user ${user} said ${secretOf(user)}`));
  SocketManager.instance.connections.set(user, { secret: received(`${secretOf(user)}!`) });
}
writeHeapSnapshot(file);
process.send?.(SocketManager.instance.describe());
