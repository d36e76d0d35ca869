import { describe, expect, it } from "vitest";
import { Observers } from "../../src/internal/observers.ts";

describe("observers", () => {
  it("all hear, though one of them throws, and the operator hears of that one", () => {
    const heard: string[] = [];
    const told: unknown[] = [];
    const observers = new Observers<string>((error, { stage }) =>
      told.push([String(error), stage]),
    );
    observers.add((value) => heard.push(`first ${value}`));
    observers.add(() => {
      throw new Error("second");
    });
    observers.add((value) => heard.push(`third ${value}`));

    observers.notify("news");

    expect(heard).toEqual(["first news", "third news"]);
    expect(told).toEqual([["Error: second", "observer"]]);
  });

  it("are not disturbed by an operator's ear that fails as well", () => {
    const heard: string[] = [];
    for (const onError of [
      () => {
        throw new Error("thrown");
      },
      () => Promise.reject(new Error("rejected")) as unknown as void,
    ]) {
      const observers = new Observers<string>(onError);
      observers.add(() => {
        throw new Error("first");
      });
      observers.add((value) => heard.push(value));
      observers.notify("news");
    }

    expect(heard).toEqual(["news", "news"]);
  });

  it("hear nothing once they are disposed of, and the others still do", () => {
    const heard: string[] = [];
    const observers = new Observers<string>();
    const dispose = observers.add((value) => heard.push(`first ${value}`));
    observers.add((value) => heard.push(`second ${value}`));

    dispose();
    dispose();
    observers.notify("news");

    expect(heard).toEqual(["second news"]);
  });
});
