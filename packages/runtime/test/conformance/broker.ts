import { describe, expect, it } from "vitest";
import type { Broker, Subscriber } from "../../src/broker/broker.ts";
import { codeOf, userOf } from "./log-bench.ts";

class Listener implements Subscriber {
  readonly texts: string[] = [];
  gaps = 0;
  readonly message = (text: string): void => void this.texts.push(text);
  readonly gap = (): void => void (this.gaps += 1);
}

const NUMBERS: readonly string[] = Object.freeze(Array.from({ length: 200 }, (_, i) => `${i}`));

/** What every broker promises. `nodes` are lines of two nodes to one broker. */
export function describeBroker(
  name: string,
  createNodes: () => Promise<{ readonly nodes: readonly [Broker, Broker] } & AsyncDisposable>,
): void {
  describe(`${name}: a text`, () => describeTexts(createNodes));
  describe(`${name}: users`, () => describeUsers(createNodes));
}

function describeTexts(createNodes: Parameters<typeof describeBroker>[1]): void {
  it("comes to all who listen for the user, whole, once, in order, to the publisher too", async () => {
    await using place = await createNodes();
    const [here, there] = place.nodes;
    const listeners = [new Listener(), new Listener(), new Listener()] as const;
    await here.subscribe(userOf("alice"), listeners[0]);
    await there.subscribe(userOf("alice"), listeners[1]);
    await there.subscribe(userOf("alice"), listeners[2]);
    const texts = [...NUMBERS, "", "ä€😀\0\n", "x".repeat(2048)];

    for (const text of texts) await here.publish(userOf("alice"), text);

    for (const listener of listeners) {
      await expect.poll(() => listener.texts.length).toBe(texts.length);
      expect(listener.texts).toEqual(texts);
      expect(listener.gaps).toBe(0);
    }
  });

  it("of each of two nodes comes in that node's order", async () => {
    await using place = await createNodes();
    const listener = new Listener();
    await place.nodes[0].subscribe(userOf("alice"), listener);

    const said = place.nodes.map(async (node, which) => {
      for (const text of NUMBERS) await node.publish(userOf("alice"), `${which} ${text}`);
    });
    await Promise.all(said);

    await expect.poll(() => listener.texts.length).toBe(2 * NUMBERS.length);
    for (const which of [0, 1]) {
      const own = listener.texts.filter((text) => text.startsWith(`${which} `));
      expect(own).toEqual(NUMBERS.map((text) => `${which} ${text}`));
    }
  });

  it("comes no more after the end of the subscription, not even one that was on its way", async () => {
    await using place = await createNodes();
    const [here, there] = place.nodes;
    const [leaves, stays] = [new Listener(), new Listener()];
    const end = await here.subscribe(userOf("alice"), leaves);
    await here.subscribe(userOf("alice"), stays);

    await there.publish(userOf("alice"), "1");
    end();
    end();
    await there.publish(userOf("alice"), "2");

    await expect.poll(() => stays.texts).toEqual(["1", "2"]);
    expect(leaves.texts).toEqual([]);
  });

  it("can't be said or heard after the end of the broker", async () => {
    await using place = await createNodes();
    const [node] = place.nodes;
    await node[Symbol.asyncDispose]();

    expect(await codeOf(node.publish(userOf("alice"), "1"))).toBe("WT_SCOPE_DISPOSED");
    expect(await codeOf(node.subscribe(userOf("alice"), new Listener()))).toBe("WT_SCOPE_DISPOSED");
  });
}

function describeUsers(createNodes: Parameters<typeof describeBroker>[1]): void {
  it("hear only of themselves, also those whose ids look like several", async () => {
    await using place = await createNodes();
    const users = [
      userOf("a", "b"),
      userOf("b", "a"),
      userOf("a:b", "c"),
      userOf("b", "c:a"),
      userOf("*", "b"),
      userOf("a}{b", "c"),
      userOf("__proto__", "b"),
    ];
    const listeners = users.map(() => new Listener());
    for (const [index, user] of users.entries()) {
      await place.nodes[1].subscribe(user, listeners[index] as Listener);
    }

    for (const [index, user] of users.entries()) await place.nodes[0].publish(user, `${index}`);

    const heard = (): readonly (readonly string[])[] => listeners.map(({ texts }) => texts);
    await expect.poll(() => heard().flat().length).toBe(users.length);
    expect(heard()).toEqual(users.map((_, index) => [`${index}`]));
  });

  it("for whom nobody listens are spoken of in vain, and nothing is kept", async () => {
    await using place = await createNodes();
    const [here, there] = place.nodes;
    await here.publish(userOf("alice"), "too early");
    const listener = new Listener();
    await there.subscribe(userOf("alice"), listener);

    await here.publish(userOf("alice"), "in time");

    await expect.poll(() => listener.texts).toEqual(["in time"]);
  });

  it("that are made up are refused", async () => {
    await using place = await createNodes();
    const forged = { key: "tenant:alice", tenantId: "tenant", userId: "alice" } as never;

    expect(await codeOf(place.nodes[0].publish(forged, "1"))).toBe("WT_CONTEXT_FORGED");
    expect(await codeOf(place.nodes[0].subscribe(forged, new Listener()))).toBe(
      "WT_CONTEXT_FORGED",
    );
  });
}
