import { describe, expect, it } from "vitest";
import type { Broker, Subscriber } from "../../src/broker/broker.ts";
import { type Heard, NodeLink } from "../../src/broker/node-link.ts";
import { writeMessage } from "../../src/broker/node-message.ts";
import { createMemoryBroker } from "../../src/drivers/memory/memory-broker.ts";
import { userOf } from "../conformance/log-bench.ts";

class Node {
  readonly told: unknown[] = [];
  readonly heard: Heard[] = [];
  readonly link: NodeLink;

  constructor(broker: Broker) {
    this.link = new NodeLink(broker, (error, { stage }) => {
      this.told.push([stage, (error as { code?: string }).code ?? (error as Error).message]);
    });
  }

  join(userId: string, ear: object = {}): Promise<void> {
    return this.link.join(userOf(userId), ear, (heard) => this.heard.push(heard));
  }
}

/** A driver that leads astray what it is told to. */
class AstrayBroker implements Broker {
  readonly #subscribers: Subscriber[] = [];

  async publish(): Promise<void> {
    throw new Error("the broker is away");
  }

  async subscribe(_: unknown, subscriber: Subscriber): Promise<() => void> {
    this.#subscribers.push(subscriber);
    return () => {};
  }

  bring(text: string): void {
    for (const { message } of this.#subscribers) message(text);
  }

  miss(): void {
    for (const { gap } of this.#subscribers) gap();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

describe("a node's link", () => {
  it("hears what other nodes say of the users it joined, and not what it said itself", async () => {
    await using broker = createMemoryBroker();
    const [here, there] = [new Node(broker), new Node(broker)];
    await here.join("alice");
    await there.join("alice");

    here.link.tell(userOf("alice"), { type: "cancel", runId: "run" });
    here.link.tell(userOf("bob"), { type: "cancel", runId: "run" });
    there.link.tell(userOf("alice"), { type: "appended", last: 7 });
    there.link.tell(userOf("alice"), { type: "sessions" });

    await expect
      .poll(() => here.heard)
      .toEqual([{ type: "appended", last: 7 }, { type: "sessions" }]);
    expect(there.heard).toEqual([{ type: "cancel", runId: "run" }]);
    expect([here.told, there.told]).toEqual([[], []]);
  });

  it("hears nothing any more for an ear that left, though the user came back with another", async () => {
    await using broker = createMemoryBroker();
    const [here, there] = [new Node(broker), new Node(broker)];
    const [old, young] = [{}, {}];
    await here.join("alice", old);
    await here.join("alice", young);
    here.link.leave(old);
    here.link.leave(old);
    await Promise.resolve();

    there.link.tell(userOf("alice"), { type: "sessions" });
    await expect.poll(() => here.heard).toEqual([{ type: "sessions" }]);
    here.link.leave(young);

    await expect.poll(() => broker.topics).toBe(0);
  });

  it("drops what is somebody else's or no message, and tells the operator", async () => {
    await using broker = new AstrayBroker();
    const node = new Node(broker);
    await node.join("alice");
    const ofBob = writeMessage(userOf("bob"), { from: "x", message: { type: "sessions" } });
    const ofTenant = writeMessage(userOf("alice", "other"), {
      from: "x",
      message: { type: "cancel", runId: "r" },
    });
    const about = { tenantId: "tenant", userId: "alice", from: "x" };
    const malformed = [
      "",
      "null",
      "{",
      "[]",
      JSON.stringify(about),
      JSON.stringify({ ...about, type: "erase" }),
      JSON.stringify({ ...about, type: "cancel" }),
      JSON.stringify({ ...about, type: "cancel", runId: "\u0000" }),
      JSON.stringify({ ...about, type: "appended", last: "7" }),
      JSON.stringify({ ...about, type: "sessions", from: 1 }),
      JSON.stringify({ ...about, type: "sessions", more: "x".repeat(2048) }),
    ];

    for (const text of [ofBob, ofTenant, ...malformed]) broker.bring(text);

    expect(node.heard).toEqual([]);
    expect(node.told).toEqual([
      ["broker", "WT_OWNER_MISMATCH"],
      ["broker", "WT_OWNER_MISMATCH"],
      ...malformed.map(() => ["broker", "WT_MESSAGE_INVALID"]),
    ]);
    // The control: a good one is heard.
    broker.bring(writeMessage(userOf("alice"), { from: "x", message: { type: "sessions" } }));
    broker.miss();
    expect(node.heard).toEqual([{ type: "sessions" }, { type: "gap" }]);
  });

  it("tells the operator that it could not tell the others", async () => {
    await using broker = new AstrayBroker();
    const node = new Node(broker);

    node.link.tell(userOf("alice"), { type: "sessions" });

    await expect.poll(() => node.told).toEqual([["broker", "the broker is away"]]);
  });

  it("carries ids of any length and letters", async () => {
    await using broker = createMemoryBroker();
    const [here, there] = [new Node(broker), new Node(broker)];
    const id = '"'.repeat(256);
    const user = userOf(id, id);
    await here.link.join(user, {}, (heard) => here.heard.push(heard));

    there.link.tell(user, { type: "cancel", runId: id });

    await expect.poll(() => here.heard).toEqual([{ type: "cancel", runId: id }]);
    expect(here.told).toEqual([]);
  });
});
